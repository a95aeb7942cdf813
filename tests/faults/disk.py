"""A disk that forgets: its possible contents after a power cut, for the operations so far.

A written sector is certain once its file was synced after the write; until then it may be there or not,
sector by sector. A name (created, removed, renamed) is certain once its folder was synced, or, for a new
file, once that file was (Linux's usual file systems do that); until then any first part of the changes may be
there. Folders are assumed to exist.
"""

import random
from pathlib import Path, PurePosixPath

from tests.faults.trace import Operation

SECTOR = 512
VARIANTS = ("dropped", "torn", "reordered")
Content = dict[str, bytes]


class _File:
    def __init__(self) -> None:
        self.certain = b""
        self.pending: list[Operation] = []

    def sync(self) -> None:
        self.certain = self.now()
        self.pending.clear()

    def now(self) -> bytes:
        return _applied(self.certain, self.pending)


class Disk:
    def __init__(self) -> None:
        self._names: dict[str, _File] = {}
        self._certain: dict[str, _File] = {}
        self._pending: list[tuple[Operation, _File]] = []  # changes of names
        self._last_write: tuple[_File, Operation] | None = None

    def apply(self, operation: Operation) -> None:
        kind, path = operation.kind, operation.path
        if kind == "C":
            self._pending.append((operation, _File()))
            _rename(self._names, *self._pending[-1])
        elif kind in "UR":
            self._pending.append((operation, self._names[path]))
            _rename(self._names, *self._pending[-1])
        elif kind in "WT":
            self._names[path].pending.append(operation)
            self._last_write = self._names[path], operation
        elif kind == "S":
            self._sync(path)

    def _sync(self, path: str) -> None:
        file = self._names.get(path)
        if file is not None:
            file.sync()
            if self._last_write is not None and self._last_write[0] is file:
                self._last_write = None
        settled = [pair for pair in self._pending if _settles(path, file, *pair)]
        for pair in settled:
            self._pending.remove(pair)
            _rename(self._certain, *pair)

    def after_cut(self, variant: str, chance: random.Random) -> Content:
        """What is found when the power comes back; `variant` is one of VARIANTS."""
        if variant == "dropped":
            return {path: file.certain for path, file in self._certain.items()}
        if variant == "torn":
            return {path: self._torn(file, chance) for path, file in self._names.items()}
        names = dict(self._certain)
        for change in self._pending[: chance.randint(0, len(self._pending))]:
            _rename(names, *change)
        return {path: _reordered(file, chance) for path, file in names.items()}

    def _torn(self, file: _File, chance: random.Random) -> bytes:
        """All of the writes are there, but of the last only the first sectors."""
        if self._last_write is None or self._last_write[0] is not file:
            return file.now()
        last = self._last_write[1]
        if last.kind == "T":
            return _applied(file.certain, file.pending[:-1])
        kept = chance.randrange(0, max(1, len(last.data)), SECTOR)
        cut = last._replace(data=last.data[: max(0, kept - last.offset % SECTOR)])
        return _applied(file.certain, [*file.pending[:-1], cut])


def _settles(path: str, file: _File | None, change: Operation, changed: _File) -> bool:
    """Whether a sync of `path` makes this change of a name certain."""
    if file is not None:
        return change.kind == "C" and changed is file
    parents = {str(PurePosixPath(name).parent) for name in (change.path, change.second) if name}
    return path in parents


def _rename(names: dict[str, _File], change: Operation, file: _File) -> None:
    if change.kind != "C":
        names.pop(change.path, None)
    if change.kind != "U":
        names[change.second or change.path] = file


def _applied(certain: bytes, operations: list[Operation]) -> bytes:
    if not operations:
        return certain
    content = bytearray(certain)
    for operation in operations:
        if operation.kind == "T":
            _resize(content, operation.offset)
        elif operation.data:
            _resize(content, max(len(content), operation.offset))
            content[operation.offset : operation.offset + len(operation.data)] = operation.data
    return bytes(content)


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def _reordered(file: _File, chance: random.Random) -> bytes:
    """Any of the sectors written since the last sync; what makes the file longer leaves zeros behind."""
    kept: list[Operation] = []
    for operation in file.pending:
        if operation.kind == "T":
            if chance.random() < 0.5:
                kept.append(operation)
            continue
        at, data = operation.offset, operation.data
        while data:
            step = SECTOR - at % SECTOR
            if chance.random() < 0.5:
                kept.append(operation._replace(offset=at, data=data[:step]))
            at, data = at + step, data[step:]
    return _applied(file.certain, kept)


def write_out(content: Content, folder: Path) -> None:
    """`folder` must be empty or absent."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in content.items():
        file = folder / path
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
        file.write_bytes(data)
