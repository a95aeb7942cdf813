"""Brings a database up to date and copies its files before each SQL statement: what a kill there leaves.

A process of its own, since it forks: `python cut_migration.py journal|registry FILE COPIES`.

The kernel keeps all that a killed process has written, so a copy at a statement holds what SIGKILL at that
statement leaves. Prints the count of statements, the numbers of the copies (one at each statement before
which the files have changed), and the numbers of KILLS statements at which a child was really killed.
COPIES/<n> is the folder of a copy, COPIES/killed-<n> the one a killed child left.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.journal import migrations as journal_steps
from controller.journal.database import open_for_writing
from controller.registry import migrations as registry_steps
from controller.registry.database import Registry

assert journal_steps and registry_steps  # imported before a child is killed: it takes half a second
KILLS = 4
connect = sqlite3.connect


def before_each_statement(call: Callable[[int], None]) -> None:
    """`call` gets the number of the statement that is about to run on any connection."""
    count = 0

    def count_up(statement: str) -> None:
        nonlocal count
        count += 1
        call(count)

    def traced(*arguments: Any, **named: Any) -> sqlite3.Connection:
        opened: sqlite3.Connection = connect(*arguments, **named)
        opened.set_trace_callback(count_up)
        return opened

    sqlite3.connect = traced  # type: ignore[assignment]


def migrate(kind: str, file: Path) -> None:
    if kind == "journal":
        open_for_writing(file).close()
    else:
        Registry.open(file).close()


def contents(folder: Path) -> dict[str, bytes]:
    """The database's files. Lock files are in a folder of their own, and a lock ends with its process."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


class Copier:
    """A child that copies on request: SQLite's locks end when their process closes the file anywhere."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.requests, self._answers = os.pipe(), os.pipe()
        if os.fork() == 0:
            self._serve(folder, copies)
            os._exit(0)
        os.close(self.requests[0])
        os.close(self._answers[1])

    def copy(self, number: int) -> None:
        os.write(self.requests[1], number.to_bytes(4, "big"))
        assert os.read(self._answers[0], 1) == b"."

    def end(self) -> None:
        os.close(self.requests[1])
        os.wait()

    def _serve(self, folder: Path, copies: Path) -> None:
        os.close(self.requests[1])
        newest: dict[str, bytes] | None = None
        while number := int.from_bytes(os.read(self.requests[0], 4), "big"):
            found = contents(folder)
            if found != newest:
                (copies / str(number)).mkdir()
                for name, data in found.items():
                    (copies / str(number) / name).write_bytes(data)
                newest = found
            os.write(self._answers[1], b".")


def count_and_copy(kind: str, file: Path, copies: Path) -> int:
    statements = 0
    copier = Copier(file.parent, copies)

    def copy(number: int) -> None:
        nonlocal statements
        statements = number
        copier.copy(number)

    before_each_statement(copy)
    migrate(kind, file)
    copier.copy(statements + 1)
    copier.end()
    return statements


def killed_at(nth: int, kind: str, file: Path) -> None:
    child = os.fork()
    if child == 0:
        before_each_statement(lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == nth else None)
        migrate(kind, file)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"statement {nth} did not come"


def main(kind: str, file: Path, copies: Path) -> None:
    pristine = copies / "pristine"
    shutil.copytree(file.parent, pristine)
    statements = count_and_copy(kind, file, copies)
    sqlite3.connect = connect
    numbers = sorted(int(entry.name) for entry in copies.iterdir() if entry.name.isdecimal())
    kills = sorted({max(1, statements * place // KILLS) for place in range(1, KILLS + 1)})
    for nth in kills:
        folder = copies / f"killed-{nth}"
        shutil.copytree(pristine, folder)
        killed_at(nth, kind, folder / file.name)
    print(json.dumps({"statements": statements, "copies": numbers, "kills": kills}))


main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
