"""Brings a database up to date in a child that is killed at its nth statement, for n = 1, 2, … until it ends.

A process of its own, since it forks: `python cut_migration.py journal|registry FILE`.

Each child has its own copy, FILE.<n>. Prints the last n.
"""

import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from controller.journal import migrations as journal_steps
from controller.journal.database import open_for_writing
from controller.registry import migrations as registry_steps
from controller.registry.database import Registry

assert journal_steps and registry_steps  # imported before the fork: it takes half a second
connect = sqlite3.connect


class Fuse:
    def __init__(self, nth: int) -> None:
        self.left = nth

    def burn(self, statement: str) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def burn_at(nth: int) -> None:
    fuse = Fuse(nth)

    def fused(*arguments: Any, **named: Any) -> sqlite3.Connection:
        opened = connect(*arguments, **named)
        opened.set_trace_callback(fuse.burn)
        return opened

    sqlite3.connect = fused  # type: ignore[assignment]


def migrate(kind: str, file: Path) -> None:
    if kind == "journal":
        open_for_writing(file).close()
    else:
        Registry.open(file).close()


def main(kind: str, file: Path) -> None:
    nth = 0
    while True:
        nth += 1
        copy = file.with_name(f"{file.name}.{nth}")
        if file.exists():
            shutil.copy(file, copy)
        child = os.fork()
        if child == 0:
            burn_at(nth)
            migrate(kind, copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            print(nth)
            return


main(sys.argv[1], Path(sys.argv[2]))
