"""The health of door, log, registry and disk in figures, for programs that monitor the site.

No figure names a person, a badge, a door or a reader, and nobody has to sign in to read them.
"""

import contextlib
import os
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.errors import GenkanError
from controller.journal.proof.note import parse_checkpoint
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE, NOBODY
from controller.registry import actions, erasures
from controller.registry.card_hash import is_key_missing
from controller.services.acting import Acting
from controller.services.doors import alarms
from controller.services.doors.now import (
    DoorsStatus,
    ServiceState,
    door_service_runs,
    door_state,
    doors_status,
)
from controller.services.operators.sign_in_requests import FindSession
from controller.services.site import Site

_NO_SESSION = "none"
_KEPT_MS = 1_000
_STALE_MS = 10_000  # an older reading shows that the disk hangs
_OVERDUE_AFTER = timedelta(minutes=10)  # the registrar carries out what is due each minute
_SLACK = timedelta(seconds=5)  # by which the clock may be behind the newest record


@dataclass(frozen=True, slots=True)
class LogHealth:
    newest_seq: int
    unsealed: int  # records that no checkpoint covers yet
    oldest_unsealed: timedelta  # the age of the oldest of these; zero without one
    newest_utc: datetime | None
    newest_clock: ClockState | None
    alarms_open: int | None  # None: which ones are acknowledged is in a registry that cannot be read
    doors: DoorsStatus


@dataclass(frozen=True, slots=True)
class RegistryHealth:
    version: int
    backup_age: timedelta | None  # None: there is no backup
    erasures_overdue: int


@dataclass(frozen=True, slots=True)
class DiskHealth:
    free: int  # bytes that the door may still write
    size: int


@dataclass(frozen=True, slots=True)
class Health:
    """None in a field: that part cannot be read."""

    door_runs: bool
    registrar_answers: bool
    card_number_key: str  # "ok"; "missing"; "unreadable": the door reports that
    state: ServiceState | None  # also None while the door does not run
    log: LogHealth | None
    registry: RegistryHealth | None
    disk: DiskHealth | None
    clock: ClockState
    copy_age: timedelta | None  # how far the door's copy of the registry is behind; None without a report

    @property
    def log_writing(self) -> bool:
        """Whether the door writes each record to the disk."""
        return self.door_runs and self.state is not None and self.state.journal == "ok"


class HealthReader:
    """Reads all figures, at most once a second for any number of callers. Threads may share it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._guard = threading.Lock()
        self._newest: tuple[str, int, Health] | None = None  # boot, monotonic milliseconds
        self._equal_utc: datetime | None = None  # when the door's copy last equalled the registry

    def read(self) -> Health:
        """A part that cannot be read is None. While a disk hangs, one caller waits for it, others do not."""
        now = self._site.now()
        newest = self._newest
        if newest is not None and newest[0] == now.boot and 0 <= now.mono_ms - newest[1] < _KEPT_MS:
            return newest[2]
        if not self._guard.acquire(blocking=newest is None):
            assert newest is not None  # noqa: S101 - otherwise this thread has waited
            is_stale = newest[0] != now.boot or now.mono_ms - newest[1] > _STALE_MS
            return replace(newest[2], log=None, registry=None, disk=None) if is_stale else newest[2]
        try:
            found = self._read(now)
            self._newest = now.boot, now.mono_ms, found
            return found
        finally:
            self._guard.release()

    def _read(self, now: Moment) -> Health:
        site = self._site
        log = registry = disk = None
        with contextlib.suppress(GenkanError, ValueError):
            log = _log(site, now)
        with contextlib.suppress(GenkanError):
            registry = _registry(site, now)
        with contextlib.suppress(OSError):
            found = os.statvfs(site.config.data / "journal")
            disk = DiskHealth(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)
        state = door_state(site)
        return Health(
            door_runs=door_service_runs(site.config.data),
            registrar_answers=_registrar_answers(site, now),
            card_number_key=_card_number_key(site, state),
            state=state,
            log=log,
            registry=registry,
            disk=disk,
            clock=_clock(log, now),
            copy_age=self._copy_age(state, registry, now),
        )

    def _copy_age(
        self, state: ServiceState | None, registry: RegistryHealth | None, now: Moment
    ) -> timedelta | None:
        """Zero while the copy equals the registry, however old it is."""
        if state is None or state.copy_utc is None:
            return None
        if registry is not None and registry.version == state.copy_version:
            self._equal_utc = now.utc
        return _age(max(state.copy_utc, self._equal_utc or state.copy_utc), now)


def _registrar_answers(site: Site, now: Moment) -> bool:
    """Whether it could recognise an operator, for which it reads the accounts."""
    try:
        Acting(site, NOBODY, now).send(FindSession(session=_NO_SESSION, by_hand=False))
    except GenkanError:
        return False
    return True


def _card_number_key(site: Site, state: ServiceState | None) -> str:
    """The pages' user may not read it, but finds out if it is gone."""
    if is_key_missing(site.config.data / "keys"):
        return "missing"
    return "ok" if state is None else state.card_number_key


def _log(site: Site, now: Moment) -> LogHealth:
    acting = Acting(site, MACHINE, now)
    with site.journal.one_moment():
        newest_seq = site.journal.newest_seq()
        note = site.journal.newest_checkpoint()
        sealed = 0 if note is None else parse_checkpoint(note).size
        oldest = site.journal.entry(sealed + 1) if sealed < newest_seq else None
        newest = site.journal.entry(newest_seq) if newest_seq else None
        return LogHealth(
            newest_seq=newest_seq,
            unsealed=max(newest_seq - sealed, 0),
            oldest_unsealed=timedelta(0) if oldest is None else _age(oldest.utc, now),
            newest_utc=None if newest is None else newest.utc,
            newest_clock=None if newest is None else ClockState(newest.clock),
            alarms_open=_alarms_open(acting),
            doors=doors_status(acting),
        )


def _alarms_open(acting: Acting) -> int | None:
    with contextlib.suppress(GenkanError):
        return alarms.count(acting)
    return None


def _registry(site: Site, now: Moment) -> RegistryHealth:
    with site.registry.read() as db:
        backup = actions.newest_backup(db)
        overdue = erasures.due_before(db, now.utc - _OVERDUE_AFTER, site.config.people.erase_after)
    age = None if backup is None else _age(backup, now)
    return RegistryHealth(site.registry.version(), age, overdue)


def _clock(log: LogHealth | None, now: Moment) -> ClockState:
    """The clock state: the kernel's now or the door's newest record (the worse of the two)."""
    if log is not None and log.newest_utc is not None and now.utc < log.newest_utc - _SLACK:
        return ClockState.UNTRUSTED
    if now.clock is ClockState.TRUSTED:
        return ClockState.TRUSTED
    if log is None or log.newest_clock is None:
        return now.clock
    return ClockState.UNTRUSTED if log.newest_clock is ClockState.UNTRUSTED else ClockState.HOLDOVER


def _age(utc: datetime, now: Moment) -> timedelta:
    return max(now.utc - utc, timedelta(0))
