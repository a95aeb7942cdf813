"""The `genkan` command run in this process: what it answered, and what it left behind."""

import contextlib
import io
import json
import signal
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.commands.program import Program
from controller.main import main


@dataclass(frozen=True)
class Answer:
    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def genkan(*arguments: str | Path, typed: str = "", program: Program | None = None) -> Answer:
    """Streams as Python gives them to a program: strict output, errors that can always be written.

    What a command does at a signal ends with it.
    """
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", write_through=True)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stdin = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8")
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main([str(argument) for argument in arguments], program)
    finally:
        sys.stdin = stdin
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
    return Answer(int(ended.value.code or 0), _written(out), _written(err).decode("utf-8"))


def _written(stream: io.TextIOWrapper) -> bytes:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def done(answer: Answer) -> Answer:
    assert (answer.status, answer.err) == (0, "")
    return answer


def refused(answer: Answer, status: int = 1) -> str:
    """The one sentence; nothing on standard output."""
    assert answer.status == status, answer
    assert answer.out == b""
    return sentence(answer.err)


def sentence(err: str) -> str:
    assert err.endswith("\n"), err
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    assert err.startswith("genkan"), err
    assert err.isprintable() or err[:-1].isprintable(), err
    return err[:-1]


def listed(data: Path) -> dict[str, dict[str, str]]:
    """Badges by their last four digits."""
    lines = done(genkan("badge", "list", "--data", data, "--json")).lines
    return {line["badge"]: line for line in map(json.loads, lines)}


def contents(data: Path) -> dict[str, object]:
    """Everything in a data folder: what databases and other files hold. Locks and WALs hold nothing, and
    state.json only holds the state of the door."""
    found: dict[str, object] = {}
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        name = str(file.relative_to(data))
        if name.endswith((".lock", "-wal", "-shm", "journal/state.json")):
            continue
        found[name] = list(_dump(file)) if name.endswith(".db") else file.read_bytes()
    return found


def _dump(file: Path) -> Iterator[object]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        try:
            yield from connection.iterdump()
        except sqlite3.DatabaseError:
            yield file.read_bytes()


@contextlib.contextmanager
def unchanged(data: Path) -> Iterator[None]:
    before = contents(data)
    yield
    assert contents(data) == before
