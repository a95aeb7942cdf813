"""Schedules: the weekly windows in which an access rule holds. `always` is built in."""

from collections.abc import Sequence

from controller.model.access import Schedule, TimeWindow
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House


def all_schedules(house: House, operator: Operator, now: Moment) -> tuple[Schedule, ...]:
    """`always` first, then by name."""
    raise NotImplementedError


def get(house: House, operator: Operator, now: Moment, schedule_id: str) -> Schedule:
    raise NotImplementedError


def add(house: House, operator: Operator, now: Moment, name: str, windows: Sequence[TimeWindow]) -> Schedule:
    raise NotImplementedError


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
) -> Schedule:
    raise NotImplementedError


def remove(house: House, operator: Operator, now: Moment, schedule_id: str) -> None:
    """Refused while an access level uses it, and for `always`."""
    raise NotImplementedError


def window(weekday: int, start: str, end: str) -> TimeWindow:
    """From "HH:MM" as typed; "24:00" is allowed as an end. An end before the start is on the next day."""
    raise NotImplementedError


def time_text(minutes: int) -> str:
    """540 -> "09:00", 1440 -> "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
