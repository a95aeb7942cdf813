"""The keys of readers (SCBK, 16 bytes): one for each, random, in a file of its own; weak ones are refused."""

import os
import secrets
from itertools import pairwise
from pathlib import Path

KEY_BYTES = 16
DEFAULT_KEY = bytes(range(0x30, 0x40))  # SCBK-D: every reader knows it, and so does everybody else


class BadKey(ValueError):
    """The text continues a sentence that begins with the reader: what is wrong and what to do."""


def key_file(folder: Path, reader: str) -> Path:
    """`folder` is keys/door/osdp of the data folder."""
    return folder / f"{reader}.key"


def make(folder: Path, reader: str) -> bytes:
    """A new key for `reader`, durable when this returns; it replaces an old one."""
    key = secrets.token_bytes(KEY_BYTES)
    while weakness(key):
        key = secrets.token_bytes(KEY_BYTES)
    store(key_file(folder, reader), key)
    return key


def store(file: Path, key: bytes) -> None:
    """Whole or not at all, and readable by the owner of the folder only."""
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
    """The key of `reader`; BadKey when there is none, or one that is no secret."""
    try:
        key = key_file(folder, reader).read_bytes()
    except FileNotFoundError as error:
        raise BadKey(f"has no key yet; {how_to_install(reader)}") from error
    except OSError as error:
        raise BadKey(f"has a key that cannot be read ({error.strerror}); correct who owns it") from error
    if weak := weakness(key):
        raise BadKey(f"has a key that {weak}; {how_to_install(reader)}")
    for other in folder.glob("*.key"):
        if other != key_file(folder, reader) and _bytes(other) == key:
            raise BadKey(f"has the same key as {other.stem}; {how_to_install(reader)}")
    return key


def all_of(folder: Path) -> dict[str, bytes]:
    """Every key that is one, by its reader."""
    found = {file.stem: _bytes(file) for file in sorted(folder.glob("*.key"))}
    return {reader: key for reader, key in found.items() if key is not None and weakness(key) is None}


def how_to_install(reader: str) -> str:
    return (
        "set it to install mode and give it a new one on the doors page, or by "
        f"`genkan osdp install --reader {reader}`"
    )


def weakness(key: bytes) -> str | None:
    """Why `key` is none; None when nothing speaks against it. Continues "a key that …"."""
    if len(key) != KEY_BYTES:
        return f"is {len(key)} bytes long and not {KEY_BYTES}"
    if key == DEFAULT_KEY:
        return "is the default key everybody knows"
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    if steps == {0}:
        return "is one byte repeated"
    if len(steps) == 1:
        return "only counts"
    if any(key == key[:size] * (KEY_BYTES // size) for size in (2, 4, 8)):
        return "repeats itself"
    return None


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
