"""journal/state.json: how the door process stands, for whoever cannot ask it.

It is told apart from the log because it must be told when the log cannot be written. The file has a fixed
size and is overwritten in place, so a full disk does not stop it. Written on changes only, by a thread of its
own: neither a tap nor the record waits for it, however the disk hangs.

On a disk that takes no write at all, that the journal fails (how, why, since when, how many entries are
remembered) is told by the place and the length of a lock on the file: locks are kept by the kernel, not by
the disk, end with the process, and anybody who may read the file can ask for them.
"""

import contextlib
import fcntl
import json
import logging
import os
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.journal.door_lock import FLOCK
from controller.journal.failures import FailureCause
from controller.model.moment import Moment

log = logging.getLogger(__name__)

NAME = "state.json"
SIZE = 4096
_TEXT_AT_MOST = 300  # characters; two such texts and the rest fit into SIZE in any script
_TRIES = 5
_RETRY_S = 1.0  # after a write that failed
_LOCKS = 1 << 40  # the lock's place: (what is said) × 2^40 + seconds since 1970; its length: 1 + remembered
_JOURNAL_STATES = ("failing", "remembering")
_CAUSES = tuple(FailureCause)


@dataclass(frozen=True, slots=True)
class ServiceState:
    boot: str = ""
    mono_ms: int = 0
    utc: datetime | None = None  # of the newest change, as are boot and mono_ms
    journal: str = "ok"  # "failing": entries are refused; "remembering": some are held in memory instead
    journal_since: datetime | None = None
    journal_cause: str | None = None  # a Cause of journal/failures.py
    journal_detail: str | None = None  # who holds the lock, where that is known
    remembered: int = 0  # entries held in memory now
    reserve: str = "ok"  # "released"; "none": there was never room for it
    presence: str = "ok"  # "unknown": the log cannot be read for who is inside
    presence_since: datetime | None = None
    registry: str = "ok"  # "last_good"
    registry_copy_utc: datetime | None = None
    config: str = "ok"  # "last_good"
    config_problem: str | None = None
    log_key: str = (
        "ok"  # "lost": a new key signs; "foreign": the log is another than keys/shared/log.vkey names
    )


_TIMES = ("utc", "journal_since", "presence_since", "registry_copy_utc")
_NAMES = frozenset(field.name for field in fields(ServiceState))


class StateFile:
    """The door's own side. `set` may be called from any thread and touches no disk."""

    def __init__(self, folder: Path, now: Callable[[], Moment]) -> None:
        self._file = folder / NAME
        self._now = now
        self._guard = threading.Lock()
        self._changed = threading.Event()
        self._state = ServiceState()
        self._stopping = False
        self._failed = False
        self._lock_range: tuple[int, int] | None = None
        self._descriptor: int | None = None
        self._descriptor = self._open_file()
        self.beat = 0
        self._changed.set()  # what an earlier run left there is replaced at once

    def _open_file(self) -> int | None:
        """So that the lock can be set whatever the disk does; a disk that takes no write does for that."""
        for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
            with contextlib.suppress(OSError):
                return os.open(self._file, flags | os.O_CLOEXEC, 0o640)
        return None

    @property
    def now(self) -> ServiceState:
        with self._guard:
            return self._state

    def set(self, **changes: Any) -> None:
        """Fields of ServiceState but boot, mono_ms and utc."""
        with self._guard:
            changed = replace(self._state, **changes)
            if changed == self._state:
                return
            at = self._now()
            self._state = replace(changed, boot=at.boot, mono_ms=at.mono_ms, utc=at.utc)
            self._set_lock(_lock_range_of(self._state))
        self._changed.set()

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    def run(self) -> None:
        """The thread's body."""
        while not self._stopping:
            self._changed.wait(_RETRY_S if self._failed else None)
            self.turn()
        self.end()

    @property
    def is_unwritten(self) -> bool:
        return self._changed.is_set()

    def turn(self) -> None:
        self._changed.clear()
        self.beat += 1
        self._write()

    def end(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self) -> None:
        try:
            write(self._file, self.now)
            self._failed = False
            if self._descriptor is None:  # it had never been made before the disk failed
                with self._guard:
                    self._descriptor = self._open_file()
                    self._set_lock(_lock_range_of(self._state))
        except OSError as error:
            if not self._failed:
                log.error("%s cannot be written (%s)", self._file, error.strerror)
            self._failed = True

    def _set_lock(self, lock_range: tuple[int, int] | None) -> None:
        if self._descriptor is None or lock_range == self._lock_range:
            return
        previous, self._lock_range = self._lock_range, lock_range
        with contextlib.suppress(OSError):
            if previous is not None and (
                lock_range is None or lock_range[0] != previous[0] or lock_range[1] < previous[1]
            ):
                fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _flock(fcntl.F_UNLCK, _LOCKS, 0))
            if lock_range is not None:
                fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _flock(fcntl.F_RDLCK, *lock_range))


def write(file: Path, state: ServiceState) -> None:
    """Raise OSError; a reader that comes meanwhile sees the old state or the new one."""
    values = asdict(state)
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        elif isinstance(value, str):
            values[name] = value[:_TEXT_AT_MOST]
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")
    padded = text.ljust(SIZE - 10) + b"\n%08x\n" % zlib.crc32(text)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        os.pwrite(descriptor, padded, 0)
    finally:
        os.close(descriptor)


def read(folder: Path) -> ServiceState | None:
    """None where there is none, or none that can be read."""
    from_lock = _read_lock(folder / NAME)
    for _ in range(_TRIES):
        with contextlib.suppress(OSError, ValueError, TypeError):
            state = _parse((folder / NAME).read_bytes())
            return state if from_lock is None else replace(state, **from_lock)
    return None if from_lock is None else ServiceState(**from_lock)


def _read_lock(file: Path) -> dict[str, Any] | None:
    """What a running door says of its journal, where that fails."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _flock(fcntl.F_WRLCK, _LOCKS, 0))
    finally:
        os.close(descriptor)
    kind, _, place, length, _ = struct.unpack(FLOCK, answer)
    if kind == fcntl.F_UNLCK:
        return None
    code, seconds = divmod(place, _LOCKS)
    state, cause = divmod(code - 1, len(_CAUSES))
    return {
        "journal": _JOURNAL_STATES[state],
        "journal_cause": _CAUSES[cause].value,
        "journal_since": datetime.fromtimestamp(seconds, UTC),
        "remembered": length - 1,
    }


def _lock_range_of(state: ServiceState) -> tuple[int, int] | None:
    """Where it begins and how long it is."""
    if state.journal not in _JOURNAL_STATES or state.journal_since is None or state.journal_cause is None:
        return None
    code = (
        1
        + _JOURNAL_STATES.index(state.journal) * len(_CAUSES)
        + _CAUSES.index(FailureCause(state.journal_cause))
    )
    return code * _LOCKS + int(state.journal_since.timestamp()), 1 + state.remembered


def _flock(kind: int, start: int, length: int) -> bytes:
    return struct.pack(FLOCK, kind, os.SEEK_SET, start, length, 0)


def _parse(content: bytes) -> ServiceState:
    text, check = content[: SIZE - 10].rstrip(), content[SIZE - 9 : SIZE - 1]
    if int(check, 16) != zlib.crc32(text):
        raise ValueError("overwritten meanwhile")
    values = {name: value for name, value in json.loads(text).items() if name in _NAMES}
    for name in _TIMES:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    return ServiceState(**values)
