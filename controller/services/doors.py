"""How each door and reader stands now, by the newest lines of the log."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from controller.config import DoorConfig
from controller.errors import AwaitingRecovery
from controller.journal import door_lock
from controller.journal.query import LogEntry
from controller.journal.state import DoorState, read
from controller.model.access import Direction
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.door_modes import DoorModeNow, door_modes
from controller.services.house import House
from controller.services.rights import Right, require

__all__ = ["DoorNow", "DoorState", "DoorsNow", "ReaderNow", "door_service_runs", "door_state", "now_state"]


@dataclass(frozen=True, slots=True)
class ReaderNow:
    name: str
    access_point: str
    direction: Direction
    online: bool | None  # None: not known
    problem: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DoorNow:
    name: str
    label_en: str
    label_ja: str
    released: bool | None  # None: not known
    opened: bool | None  # None: not known, or no door contact
    forced: bool  # opened without a release, and still open
    held: bool  # open for longer than it may be, and still open
    since: datetime | None  # of the newest change of lock or contact
    readers: tuple[ReaderNow, ...]
    mode: DoorModeNow


@dataclass(frozen=True, slots=True)
class DoorsNow:
    running: bool  # is the door service running
    fire: bool
    doors: tuple[DoorNow, ...]


def door_state(house: House) -> DoorState | None:
    """What the running door process says of itself; None when it does not run, or nothing can be read.

    For every page of whoever is signed in, so it asks for no right.
    """
    return read(house.config.data / "journal") if door_service_runs(house.config.data) else None


def now_state(house: House, operator: Operator, now: Moment) -> DoorsNow:
    """Everything but `running` is only as of the last record when the door service is not running."""
    require(operator, Right.VIEW_DOORS)
    started = _latest(house, "service")
    fire = _latest(house, "fire")
    modes = door_modes(house, now, started)
    return DoorsNow(
        door_service_runs(house.config.data),
        fire is not None and fire.type == EventType.FIRE_STARTED,
        tuple(_door(house, door, started, modes[door.name]) for door in house.config.doors.values()),
    )


def door_service_runs(data: Path) -> bool:
    """Whether somebody holds journal/door.lock, found without taking it."""
    return door_lock.is_held(data / "journal")


def _door(house: House, door: DoorConfig, started: LogEntry | None, mode: DoorModeNow) -> DoorNow:
    lock, contact, forced, held = (
        _latest(house, f"{kind}:{door.name}") for kind in ("lock", "contact", "forced", "held")
    )
    opened = None
    if door.door_contact_pin is not None and contact is not None:
        opened = contact.type == EventType.DOOR_OPENED
    readers = tuple(
        _reader(house, reader.name, reader.access_point, point.direction, started)
        for reader in house.config.readers.values()
        if (point := house.config.access_points[reader.access_point]).door == door.name
    )
    return DoorNow(
        door.name,
        door.label_en,
        door.label_ja,
        None if lock is None else lock.type == EventType.LOCK_RELEASED,
        opened,
        bool(opened and contact and forced and forced.seq > contact.seq),
        bool(opened and contact and held and held.seq > contact.seq),
        max((entry.utc for entry in (lock, contact) if entry is not None), default=None),
        readers,
        mode,
    )


def _reader(
    house: House, name: str, access_point: str, direction: Direction, started: LogEntry | None
) -> ReaderNow:
    """What an earlier run of the door service said of a reader says nothing about now."""
    newest = _latest(house, f"reader:{name}")
    if newest is None or (started is not None and newest.seq < started.seq):
        return ReaderNow(name, access_point, direction, None, None, None)
    problem = (newest.details or {}).get("problem")
    return ReaderNow(
        name,
        access_point,
        direction,
        newest.type == EventType.READER_ONLINE,
        None if problem is None else str(problem),
        newest.utc,
    )


def _latest(house: House, thing: str) -> LogEntry | None:
    """None as well while the log cannot be read until the door service starts again."""
    try:
        return house.journal.latest(thing)
    except AwaitingRecovery:
        return None
