"""The keys of readers (SCBK, 16 bytes): one for each, random, in a file of its own; weak keys are refused."""

import errno
import os
import secrets
from itertools import pairwise
from pathlib import Path

from firmware_bridge.problems import Problem, ProblemCode

KEY_BYTES = 16
DEFAULT_KEY = bytes(range(0x30, 0x40))  # SCBK-D: public, and in every new reader


class BadKey(ValueError):
    """The door can't use its key of a reader; `problem` gives why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def key_file(folder: Path, reader: str) -> Path:
    """`folder` is keys/door/osdp of the data folder."""
    return folder / f"{reader}.key"


def make(folder: Path, reader: str) -> bytes:
    """Create a new key for `reader`; it is durable when this returns, and replaces an old one."""
    key = secrets.token_bytes(KEY_BYTES)
    while weakness(key) is not None:
        key = secrets.token_bytes(KEY_BYTES)
    store(key_file(folder, reader), key)
    return key


def store(file: Path, key: bytes) -> None:
    """Write `key` completely or not at all, readable by the owner of the folder only."""
    folder = file.parent.stat()
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(key)
        opened.flush()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
        os.fsync(descriptor)
    new.replace(file)
    parent = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def load(folder: Path, reader: str) -> bytes:
    """Return the key of `reader`; raises BadKey if there is none, or if it is not a secret."""
    try:
        key = key_file(folder, reader).read_bytes()
    except FileNotFoundError as error:
        raise BadKey(Problem(ProblemCode.KEY_MISSING)) from error
    except OSError as error:
        raise BadKey(
            Problem(ProblemCode.KEY_UNREADABLE, {"error": errno.errorcode.get(error.errno or 0, "EIO")})
        ) from error
    if (weak := weakness(key)) is not None:
        raise BadKey(weak)
    for other in folder.glob("*.key"):
        if other != key_file(folder, reader) and _bytes(other) == key:
            raise BadKey(Problem(ProblemCode.KEY_SHARED, {"other_reader": other.stem}))
    return key


def all_of(folder: Path) -> dict[str, bytes]:
    """Every valid key, by its reader."""
    found = {file.stem: _bytes(file) for file in sorted(folder.glob("*.key"))}
    return {reader: key for reader, key in found.items() if key is not None and weakness(key) is None}


def weakness(key: bytes) -> Problem | None:
    """Return why `key` can't be a secret key, or None."""
    if len(key) != KEY_BYTES:
        return Problem(ProblemCode.KEY_WRONG_SIZE, {"size": len(key), "right_size": KEY_BYTES})
    if key == DEFAULT_KEY:
        return Problem(ProblemCode.KEY_IS_DEFAULT)
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    if steps == {0}:
        return Problem(ProblemCode.KEY_ONE_BYTE)
    if len(steps) == 1:
        return Problem(ProblemCode.KEY_COUNTS)
    if any(key == key[:size] * (KEY_BYTES // size) for size in (2, 4, 8)):
        return Problem(ProblemCode.KEY_REPEATS)
    return None


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
