"""Schedules: the windows of weekdays and special days in which an access rule holds; `always` is built in."""

from collections.abc import Sequence

from controller.errors import N_, Conflict, FieldConflict, NotFound
from controller.model.access import Schedule, SpecialDay, TimeWindow
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import rule_books
from controller.registry import schedules as rows
from controller.registry.database import Connection, new_reference
from controller.services import typed_texts
from controller.services.access.windows import refuse_bad, time_text, window, window_text
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors
from controller.services.rights import Right

__all__ = [
    "add",
    "all_schedules",
    "edit",
    "get",
    "refuse_bad",
    "refuse_bad_name",
    "remove",
    "save_schedule",
    "time_text",
    "window",
    "window_text",
]


def all_schedules(acting: Acting) -> tuple[Schedule, ...]:
    """`always` first, then by name."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return tuple(rows.all_schedules(db))


def get(acting: Acting, schedule_id: str) -> Schedule:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return _require_schedule(rows.schedule(db, schedule_id))


def add(
    acting: Acting,
    name: str,
    windows: Sequence[TimeWindow],
    special: Sequence[SpecialDay] = (),
) -> Schedule:
    """`special`: on days of such a type its hours replace the weekday's windows."""
    acting.require(Right.EDIT_ACCESS)
    return _save(
        acting, schedule_id=new_reference(), replaced=None, name=name, windows=windows, special=special
    )


def edit(
    acting: Acting,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
    special: Sequence[SpecialDay] = (),
) -> Schedule:
    """Replaces name, windows and special days."""
    acting.require(Right.EDIT_ACCESS)
    return _save(acting, schedule_id, replaced=schedule_id, name=name, windows=windows, special=special)


def refuse_bad_name(acting: Acting, name: str, schedule_id: str = "") -> None:
    """Refuse a name that the schedule `schedule_id`, or a new one, cannot get."""
    acting.require(Right.EDIT_ACCESS)
    with acting.site.registry.read() as db:
        _free_name(db, schedule_id, name)


def remove(acting: Acting, schedule_id: str) -> None:
    """Refused while an access level or a door's mode uses it, and for `always`."""
    acting.require(Right.EDIT_ACCESS)
    with acting.site.registry.write() as db:
        before = _changeable(rows.schedule(db, schedule_id))
        levels = rows.levels_using(db, schedule_id)
        if levels:
            raise Conflict(
                N_("The access level {level} uses the schedule {name}; change that level first."),
                level=levels[0],
                name=before.name,
            )
        _refuse_in_rules(db, before.name)
        rows.remove_schedule(db, schedule_id)
        acting.record(
            db,
            ActionType.SCHEDULE_REMOVED,
            "schedule",
            schedule_id,
            before=_audit_fields(before),
        )


def _save(
    acting: Acting,
    schedule_id: str,
    replaced: str | None,
    name: str,
    windows: Sequence[TimeWindow],
    special: Sequence[SpecialDay],
) -> Schedule:
    with acting.site.registry.write() as db:
        before = None if replaced is None else _changeable(rows.schedule(db, replaced))
        with FieldErrors() as fields:
            name = fields.check(_free_name, db, schedule_id, name)
            fields.check(refuse_bad, windows, special)
        if before is not None and before.name != name:
            _refuse_in_rules(db, before.name)
        return save_schedule(acting, db, before, schedule_id, name=name, windows=windows, special=special)


def save_schedule(
    acting: Acting,
    db: Connection,
    before: Schedule | None,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
    special: Sequence[SpecialDay] = (),
) -> Schedule:
    """Store and record the schedule, within the write of a caller who checked the values."""
    rows.save_schedule(db, schedule_id, name, windows, special=sorted(special, key=lambda day: day.day_type))
    after = _require_schedule(rows.schedule(db, schedule_id))
    if after != before:
        acting.record(
            db,
            ActionType.SCHEDULE_ADDED if before is None else ActionType.SCHEDULE_CHANGED,
            "schedule",
            schedule_id,
            before=None if before is None else _audit_fields(before),
            after=_audit_fields(after),
            about={"name": name},
        )
    return after


def _free_name(db: Connection, schedule_id: str, text: str) -> str:
    name = typed_texts.name_text("name", text)
    if any(other.name == name and other.id != schedule_id for other in rows.all_schedules(db)):
        raise FieldConflict(
            "name", N_("There is already a schedule named {name}; choose another name."), name=name
        )
    return name


def _refuse_in_rules(db: Connection, name: str) -> None:
    """Refuse if the rules use the schedule: they refer to it by name."""
    for door in rule_books.newest_book(db).doors.values():
        if any(one.schedule == name for one in door.scheduled):
            raise FieldConflict(
                "name",
                N_("The rules use the schedule {name} for the door {door}; change the rules first."),
                name=name,
                door=door.door,
            )


def _require_schedule(found: Schedule | None) -> Schedule:
    if found is None:
        raise NotFound(N_("There is no such schedule; choose one from the list."))
    return found


def _changeable(found: Schedule | None) -> Schedule:
    if _require_schedule(found).always:
        raise Conflict(N_("The schedule “always” is built in and cannot be changed; add another one."))
    return _require_schedule(found)


def _audit_fields(schedule: Schedule) -> dict[str, Json]:
    windows: list[Json] = [f"{w.weekday} {time_text(w.start)}-{time_text(w.end)}" for w in schedule.windows]
    fields: dict[str, Json] = {"name": schedule.name, "windows": windows}
    if schedule.special:
        fields["special_days"] = [
            f"{day.day_type} {', '.join(window_text(hours) for hours in day.hours) or 'closed'}"
            for day in schedule.special
        ]
    return fields
