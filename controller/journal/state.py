"""journal/state.json: the state of the door service, for processes that can't ask the door.

It is separate from the log because it matters most when the door can't write the log. The file has a fixed
size and is overwritten in place, so it works on a full disk. A thread of its own writes it on changes only,
so neither taps nor the recorder wait for a hanging disk.

On a read-only disk, a lock on the file reports that the journal fails: its start and length encode how, why,
since when, and how many entries the door holds in memory. The kernel keeps locks, not the disk; they end with
the process, and anyone who may read the file can query them. So that the next process knows of the outage
too, the state is then also written to the runtime folder of the service, which is in memory.
"""

import contextlib
import fcntl
import json
import logging
import os
import stat
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.journal.failures import FailureCause
from controller.journal.ofd_lock import FLOCK, flock, set_lock
from controller.model.moment import Moment

log = logging.getLogger(__name__)

NAME = "state.json"
SIZE = 4096
_TEXT_AT_MOST = 300  # characters; two such texts and all other fields fit into SIZE in any script
_TRIES = 5
_RETRY_S = 1.0  # after a failed write
_LOCKS = 1 << 40  # the lock's start: code × 2^40 + seconds since 1970; its length: 1 + remembered
_JOURNAL_STATES = ("failing", "remembering")
_CAUSES = tuple(FailureCause)


@dataclass(frozen=True, slots=True)
class ServiceState:
    boot: str = ""
    mono_ms: int = 0
    utc: datetime | None = None  # of the newest change, like boot and mono_ms
    journal: str = "ok"  # "failing": the door refuses entries; "remembering": it holds some in memory
    journal_since: datetime | None = None
    journal_cause: str | None = None  # a FailureCause of journal/failures.py
    journal_detail: str | None = None  # which program holds the lock, if known
    journal_held: str = "ok"  # a HeldBy of journal/held.py
    held_by: str | None = None  # the programs, if known
    held_since: datetime | None = None
    remembered: int = 0  # entries held in memory now
    reserve: str = "ok"  # "released"; "none": the disk never had enough space for it
    presence: str = "ok"  # "unknown": the door can't read the log to find who is inside
    presence_since: datetime | None = None
    registry: str = "ok"  # "last_good"
    registry_copy_utc: datetime | None = None
    registry_rolled_back: bool = False  # it is an older or another one than the accepted one
    copy_utc: datetime | None = None  # creation of the door's newest copy of the registry; its version
    copy_version: int | None = None
    config: str = "ok"  # "last_good"
    config_problem: str | None = None  # a ConfigCode
    config_problem_fields: dict[str, str | int] = field(default_factory=dict)
    unrecorded_since: datetime | None = None  # an outage that an earlier process did not live to record
    unrecorded_cause: str | None = None
    unrecorded_entries: int = 0  # which it remembered and did not write: nobody knows them any more
    log_key: str = "ok"  # "lost": a new key signs; "foreign": keys/shared/log.vkey names another log
    card_number_key: str = "ok"  # "unreadable": the door refuses every badge on the way in


_TIMES = (
    "utc",
    "journal_since",
    "held_since",
    "presence_since",
    "registry_copy_utc",
    "unrecorded_since",
    "copy_utc",
)
_NAMES = frozenset(field.name for field in fields(ServiceState))


def has_run(folder: Path) -> bool:
    """Whether a door process has ever run on this folder; false once the file is removed."""
    return os.path.lexists(folder / NAME)


class StateFile:
    """The door's side of the file. Any thread may call `set`; it touches no disk."""

    def __init__(self, folder: Path, now: Callable[[], Moment], runtime_folder: Path | None = None) -> None:
        self._file = folder / NAME
        self._spare = None if runtime_folder is None else runtime_folder / NAME
        self._now = now
        self._guard = threading.Lock()
        self._changed = threading.Event()
        self._state = ServiceState()
        self._stopping = False
        self._failed = False
        self._lock_range: tuple[int, int] | None = None
        self.was_damaged = has_run(folder) and not self._is_sound()
        self._descriptor: int | None = None
        self._descriptor = self._open_file()
        self.beat = 0
        self._changed.set()  # replace the state of an earlier run immediately

    def _is_sound(self) -> bool:
        """Whether the file holds the state of an earlier process. What is not a file is removed, because who
        opens a pipe waits.
        """
        with contextlib.suppress(OSError, ValueError, TypeError):
            if not stat.S_ISREG(self._file.lstat().st_mode):
                self._file.unlink()
                return False
            _parse(self._file.read_bytes())
            return True
        return False

    def _open_file(self) -> int | None:
        """Keep the file open, so that a lock is possible on any disk, even a read-only one."""
        for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
            with contextlib.suppress(OSError):
                return os.open(self._file, flags | os.O_CLOEXEC, 0o640)
        return None

    @property
    def now(self) -> ServiceState:
        with self._guard:
            return self._state

    def set(self, **changes: Any) -> None:
        """Change fields of ServiceState, except boot, mono_ms and utc, which this sets."""
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
        """Write each change until `stop`; run this in a thread of its own."""
        self.begin()
        while not self._stopping:
            self._changed.wait(_RETRY_S if self._failed else None)
            self.turn()
        self.end()

    def begin(self) -> None:
        """Before the first write: keep the outage in which the process before this one ended."""
        earlier = self._earlier()
        if earlier.journal in _JOURNAL_STATES:
            self.set(
                unrecorded_since=earlier.unrecorded_since or earlier.journal_since,
                unrecorded_cause=earlier.journal_cause,
                unrecorded_entries=earlier.unrecorded_entries + earlier.remembered,
            )
        elif earlier.unrecorded_since is not None:
            self.set(
                unrecorded_since=earlier.unrecorded_since,
                unrecorded_cause=earlier.unrecorded_cause,
                unrecorded_entries=earlier.unrecorded_entries,
            )

    def _earlier(self) -> ServiceState:
        """The newer of the two notes."""
        newest = ServiceState()
        for file in (self._file, self._spare):
            with contextlib.suppress(OSError, ValueError, TypeError):
                if file is not None:
                    found = _parse(file.read_bytes())
                    newest = max(
                        newest, found, key=lambda one: "" if one.utc is None else one.utc.isoformat()
                    )
        return newest

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
            if self._spare is not None:
                self._spare.unlink(missing_ok=True)
            if self._descriptor is None:  # the disk failed before the file existed
                with self._guard:
                    self._descriptor = self._open_file()
                    self._set_lock(_lock_range_of(self._state))
        except OSError as error:
            if not self._failed:
                log.error("%s cannot be written (%s)", self._file, error.strerror)
            self._failed = True
            if self._spare is not None:
                with contextlib.suppress(OSError):
                    write(self._spare, self.now)

    def _set_lock(self, lock_range: tuple[int, int] | None) -> None:
        if self._descriptor is None or lock_range == self._lock_range:
            return
        previous, self._lock_range = self._lock_range, lock_range
        with contextlib.suppress(OSError):
            if previous is not None and (
                lock_range is None or lock_range[0] != previous[0] or lock_range[1] < previous[1]
            ):
                set_lock(self._descriptor, fcntl.F_UNLCK, _LOCKS)
            if lock_range is not None:
                set_lock(self._descriptor, fcntl.F_RDLCK, *lock_range)


def write(file: Path, state: ServiceState) -> None:
    """Overwrite the file. A concurrent reader sees the old state or the new one. Raises OSError."""
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
    """Read the state; None if there is no readable one."""
    from_lock = _read_lock(folder / NAME)
    for _ in range(_TRIES):
        with contextlib.suppress(OSError, ValueError, TypeError):
            state = _parse((folder / NAME).read_bytes())
            return state if from_lock is None else replace(state, **from_lock)
    return None if from_lock is None else ServiceState(**from_lock)


def _read_lock(file: Path) -> dict[str, Any] | None:
    """The journal fields that a running door with a failing journal reports; otherwise None."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, flock(fcntl.F_WRLCK, _LOCKS, 0))
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
    """Start and length of the lock that reports this state; None if the journal works."""
    if state.journal not in _JOURNAL_STATES or state.journal_since is None or state.journal_cause is None:
        return None
    code = (
        1
        + _JOURNAL_STATES.index(state.journal) * len(_CAUSES)
        + _CAUSES.index(FailureCause(state.journal_cause))
    )
    return code * _LOCKS + int(state.journal_since.timestamp()), 1 + state.remembered


def _parse(content: bytes) -> ServiceState:
    text, check = content[: SIZE - 10].rstrip(), content[SIZE - 9 : SIZE - 1]
    if int(check, 16) != zlib.crc32(text):
        raise ValueError("overwritten while being read")
    values = {name: value for name, value in json.loads(text).items() if name in _NAMES}
    for name in _TIMES:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    return ServiceState(**values)
