"""Schedules: the weekly windows in which an access rule holds. `always` is built in."""

import re
import unicodedata
from collections.abc import Sequence

from controller.errors import N_, BadInput, Conflict, NotFound
from controller.model.access import Schedule, TimeWindow
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.registry import actions
from controller.registry import schedules as rows
from controller.registry.database import Connection
from controller.services import texts
from controller.services.house import House
from controller.services.references import new_reference
from controller.services.rights import Right, require

MAX_WINDOWS = 50
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAY = 24 * 60


def all_schedules(house: House, operator: Operator, now: Moment) -> tuple[Schedule, ...]:
    """`always` first, then by name."""
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        return tuple(rows.all_schedules(db))


def get(house: House, operator: Operator, now: Moment, schedule_id: str) -> Schedule:
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        return _known(rows.schedule(db, schedule_id))


def add(house: House, operator: Operator, now: Moment, name: str, windows: Sequence[TimeWindow]) -> Schedule:
    require(operator, Right.EDIT_ACCESS)
    return _put(house, operator, now, new_reference(), None, name, windows)


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
) -> Schedule:
    """Replaces name and windows."""
    require(operator, Right.EDIT_ACCESS)
    return _put(house, operator, now, schedule_id, schedule_id, name, windows)


def remove(house: House, operator: Operator, now: Moment, schedule_id: str) -> None:
    """Refused while an access level uses it, and for `always`."""
    require(operator, Right.EDIT_ACCESS)
    with house.registry.write() as db:
        before = _changeable(rows.schedule(db, schedule_id))
        levels = rows.levels_using(db, schedule_id)
        if levels:
            raise Conflict(
                N_("The access level {level} uses the schedule {name}; change that level first."),
                level=levels[0],
                name=before.name,
            )
        rows.remove_schedule(db, schedule_id)
        actions.record(
            db,
            operator,
            now.utc,
            ActionType.SCHEDULE_REMOVED,
            "schedule",
            schedule_id,
            before=_told(before),
        )


def window(weekday: int, start: str, end: str) -> TimeWindow:
    """From "HH:MM" as typed; "24:00" is allowed as an end. An end before the start is on the next day."""
    return TimeWindow(weekday, _minutes("start", start), _minutes("end", end))


def time_text(minutes: int) -> str:
    """540 -> "09:00", 1440 -> "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(field: str, text: str) -> int:
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text[:20]).strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minutes <= (_DAY if field == "end" else _DAY - 1):
        raise BadInput(field, N_("This is not a time of day; write it as 09:00, or 24:00 for an end."))
    return minutes


def _put(
    house: House,
    operator: Operator,
    now: Moment,
    schedule_id: str,
    replaced: str | None,
    name: str,
    windows: Sequence[TimeWindow],
) -> Schedule:
    name = texts.name_text("name", name)
    refuse_bad(windows)
    with house.registry.write() as db:
        before = None if replaced is None else _changeable(rows.schedule(db, replaced))
        _refuse_taken(db, schedule_id, name)
        return put(db, operator, now, before, schedule_id, name, windows)


def put(
    db: Connection,
    operator: Operator,
    now: Moment,
    before: Schedule | None,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
) -> Schedule:
    """Within the write of a caller who looked at what is put."""
    rows.put_schedule(db, schedule_id, name, windows)
    after = _known(rows.schedule(db, schedule_id))
    if after != before:
        actions.record(
            db,
            operator,
            now.utc,
            ActionType.SCHEDULE_ADDED if before is None else ActionType.SCHEDULE_CHANGED,
            "schedule",
            schedule_id,
            before=None if before is None else _told(before),
            after=_told(after),
            about={"name": name},
        )
    return after


def refuse_bad(windows: Sequence[TimeWindow]) -> None:
    if not windows:
        raise BadInput("windows", N_("The schedule has no time window and would admit nobody; add one."))
    if len(windows) > MAX_WINDOWS:
        raise BadInput("windows", N_("A schedule may have {most} time windows at most."), most=MAX_WINDOWS)
    for w in windows:
        in_range = 0 <= w.weekday <= 6 and 0 <= w.start < _DAY and 0 <= w.end <= _DAY
        if not in_range:
            raise BadInput("windows", N_("A time window is not within a week; choose day and times again."))
        if w.start == w.end:
            raise BadInput(
                "windows",
                N_("A time window starts and ends at {time}; for a whole day write 00:00 to 24:00."),
                time=time_text(w.start),
            )


def _refuse_taken(db: Connection, schedule_id: str, name: str) -> None:
    if any(other.name == name and other.id != schedule_id for other in rows.all_schedules(db)):
        raise Conflict(N_("There is a schedule called {name} already; choose another name."), name=name)


def _known(found: Schedule | None) -> Schedule:
    if found is None:
        raise NotFound(N_("There is no such schedule; look for it in the list."))
    return found


def _changeable(found: Schedule | None) -> Schedule:
    if _known(found).always:
        raise Conflict(N_("The schedule “always” is built in and stays as it is; add another one."))
    return _known(found)


def _told(schedule: Schedule) -> dict[str, Json]:
    windows: list[Json] = [f"{w.weekday} {time_text(w.start)}-{time_text(w.end)}" for w in schedule.windows]
    return {"name": schedule.name, "windows": windows}
