"""How each door and reader stands now, by the newest lines of the log."""

from dataclasses import dataclass
from datetime import datetime

from controller.model.access import Direction
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House


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
    since: datetime | None
    readers: tuple[ReaderNow, ...]


@dataclass(frozen=True, slots=True)
class DoorsNow:
    running: bool | None  # is the door service running; None: cannot be told
    fire: bool
    doors: tuple[DoorNow, ...]


def now_state(house: House, operator: Operator, now: Moment) -> DoorsNow:
    """Everything but `running` is only as of the last record when the door service is not running."""
    raise NotImplementedError


def door_service_running(house: House) -> bool | None:
    """Whether somebody holds journal/door.lock, found without taking it."""
    raise NotImplementedError
