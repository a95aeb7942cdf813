"""The state of each door and reader, from the newest records of the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from controller.config import DoorConfig, ReaderConfig
from controller.errors import N_, AwaitingRecovery, NotFound
from controller.journal.alive import is_door_alive
from controller.journal.query import LogEntry
from controller.journal.state import ServiceState, read
from controller.model.access import Direction
from controller.model.events import EventType, Json
from controller.model.moment import Moment
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.site import Site

__all__ = [
    "DoorStatus",
    "DoorsStatus",
    "InstallStatus",
    "ReaderStatus",
    "ServiceState",
    "door_service_runs",
    "door_state",
    "doors_status",
    "reader_status",
]


INSTALL_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class InstallStatus:
    """The result of the newest install window; `open_until` is set while it is open."""

    type: EventType
    utc: datetime
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    name: str
    access_point: str
    direction: Direction
    online: bool | None = None  # None: not known
    problem: str | None = None  # a code, with its fields; in a record of an earlier version a sentence
    problem_fields: Mapping[str, Json] = field(default_factory=dict)
    since: datetime | None = None
    has_key: bool = False  # on an RS-485 line, where each reader has its own key
    install: InstallStatus | None = None  # since the door service started


@dataclass(frozen=True, slots=True)
class DoorStatus:
    name: str
    label_en: str
    label_ja: str
    released: bool | None  # None: not known
    opened: bool | None  # None: not known, or no door contact
    forced: bool  # opened without a release, and still open
    held: bool  # open for longer than it may be, and still open
    since: datetime | None  # of the newest change of lock or contact
    readers: tuple[ReaderStatus, ...]


@dataclass(frozen=True, slots=True)
class DoorsStatus:
    running: bool  # is the door service running
    fire: bool
    doors: tuple[DoorStatus, ...]


def door_state(site: Site) -> ServiceState | None:
    """The running door process's report of its own state; None if it does not run or the file is unreadable.

    Every page shows it to every signed-in operator, so it requires no right.
    """
    return read(site.config.data / "journal") if door_service_runs(site.config.data) else None


def doors_status(acting: Acting) -> DoorsStatus:
    """While the door service is not running, everything but `running` is as of the last record."""
    acting.require(Right.VIEW_DOORS)
    latest = _latest(acting.site)
    fire = latest.get("fire")
    return DoorsStatus(
        door_service_runs(acting.site.config.data),
        fire is not None and fire.type == EventType.FIRE_STARTED,
        tuple(_door(acting, door, latest) for door in acting.site.config.doors.values()),
    )


def reader_status(acting: Acting, name: str) -> ReaderStatus:
    """Raise NotFound if no reader of that name has its own key."""
    readers = [reader for door in doors_status(acting).doors for reader in door.readers]
    found = next((reader for reader in readers if reader.name == name and reader.has_key), None)
    if found is None:
        raise NotFound(N_("There is no OSDP reader {reader} in genkan.toml; choose another."), reader=name)
    return found


def door_service_runs(data: Path) -> bool:
    """Whether a door process runs on this data folder."""
    return is_door_alive(data / "journal")


def _door(acting: Acting, door: DoorConfig, latest: Mapping[str, LogEntry]) -> DoorStatus:
    lock, contact, forced, held = (
        latest.get(f"{kind}:{door.name}") for kind in ("lock", "contact", "forced", "held")
    )
    # The door records at its start what differs from "secured and closed", so no record means just that.
    has_started = "service" in latest
    opened = None
    if door.door_contact_pin is not None and (contact is not None or has_started):
        opened = contact is not None and contact.type == EventType.DOOR_OPENED
    released = None
    if lock is not None or has_started:
        released = lock is not None and lock.type == EventType.LOCK_RELEASED
    readers = tuple(
        _reader(reader, point.direction, latest, acting.moment)
        for reader in acting.site.config.readers.values()
        if (point := acting.site.config.access_points[reader.access_point]).door == door.name
    )
    return DoorStatus(
        name=door.name,
        label_en=door.label_en,
        label_ja=door.label_ja,
        released=released,
        opened=opened,
        forced=bool(opened and contact and forced and forced.seq > contact.seq),
        held=bool(opened and contact and held and held.seq > contact.seq),
        since=max((entry.utc for entry in (lock, contact) if entry is not None), default=None),
        readers=readers,
    )


def _reader(
    reader: ReaderConfig, direction: Direction, latest: Mapping[str, LogEntry], now: Moment
) -> ReaderStatus:
    """Ignore records of an earlier run of the door service: they do not describe the reader now."""
    name, access_point = reader.name, reader.access_point
    has_key = reader.path.startswith("osdp:")
    started = latest.get("service")
    install = _install(latest.get(f"install:{name}"), started, now) if has_key else None
    reader_now = ReaderStatus(name, access_point, direction, has_key=has_key, install=install)
    newest = latest.get(f"reader:{name}")
    if newest is None or (started is not None and newest.seq < started.seq):
        return reader_now
    fields = dict(newest.details or {})
    problem = fields.pop("problem", None)
    return replace(
        reader_now,
        online=newest.type == EventType.READER_ONLINE,
        problem=None if problem is None else str(problem),
        problem_fields={} if problem is None else fields,
        since=newest.utc,
    )


def _install(newest: LogEntry | None, started: LogEntry | None, now: Moment) -> InstallStatus | None:
    if newest is None or (started is not None and newest.seq < started.seq):
        return None
    until = newest.utc + INSTALL_WINDOW
    is_open = newest.type == EventType.READER_INSTALL_OPENED and now.utc < until
    return InstallStatus(EventType(newest.type), newest.utc, until if is_open else None)


def _latest(site: Site) -> Mapping[str, LogEntry]:
    """The newest record about each door and each reader, under the names of journal/latest.py.

    Empty as well while the log cannot be read until the door service starts again.
    """
    things = ["service", "fire"]
    for door in site.config.doors:
        things += [f"{kind}:{door}" for kind in ("lock", "contact", "forced", "held")]
    for reader in site.config.readers:
        things += [f"reader:{reader}", f"install:{reader}"]
    try:
        return site.journal.latest_of(things)
    except AwaitingRecovery:
        return {}
