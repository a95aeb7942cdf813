"""Streams a zip while writing it, so that a file of any size is never stored."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

_LEVEL = 1  # a log shrinks to a tenth; more would only keep the door's processor busy
_ONLY_OWNER = 0o600 << 16


class _Outbox(io.RawIOBase):
    """Written bytes of the zip that are not sent yet. It cannot seek, so sizes follow each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(data)
        return len(data)

    def drain(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(files: Iterable[tuple[str, Iterable[bytes]]], at: datetime) -> Iterator[bytes]:
    """`files` are names and contents; each is read when the previous one is complete.

    `at` is the local time of the entries.
    """
    out = _Outbox()
    with zipfile.ZipFile(out, "w") as archive:
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry._compresslevel = _LEVEL  # type: ignore[attr-defined]  # `open` has no argument for it
            entry.external_attr = _ONLY_OWNER
            with archive.open(entry, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    if ready := out.drain():
                        yield ready
    yield out.drain()
