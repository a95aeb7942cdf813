"""What a watched program did to its disk, operation by operation, and what it acknowledged meanwhile."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("<BHHIq")


class Operation(NamedTuple):
    """`kind`: C create, W write, T set size, S sync (a file or a folder), U unlink, R rename, A acknowledged.

    `offset` is where a write begins, the new size for T, and what was acknowledged for A.
    """

    kind: str
    path: str
    second: str
    offset: int
    data: bytes


def read(file: Path) -> Iterator[Operation]:
    content, at = file.read_bytes(), 0
    while at < len(content):
        kind, path, second, size, offset = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        end = at + path + second + size
        names = content[at : at + path + second].decode()
        yield Operation(chr(kind), names[:path], names[path:], offset, content[end - size : end])
        at = end


class Acknowledgements:
    """For the watched program: `say(7)` once the store has said that 7 is durable.

    Without FAULTS_TRACE they go nowhere.
    """

    def __init__(self) -> None:
        file = os.environ.get("FAULTS_TRACE")
        self._trace = os.open(file, os.O_WRONLY | os.O_APPEND) if file else None

    def acknowledge(self, number: int, data: bytes = b"") -> None:
        if self._trace is not None:
            os.write(self._trace, _HEAD.pack(ord("A"), 0, 0, len(data), number) + data)
