"""Schedules: windows of weekdays and special days, typed as from and to."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.model.access import Schedule, SpecialDay, TimeWindow
from controller.services.access import calendar, schedule_uses, schedules
from controller.services.access.requests import AddSchedule, EditSchedule, RemoveSchedule
from controller.services.field_errors import FieldErrors
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.rules import special_days
from web.rules.special_days import Special, TypedDays
from web.words.calendar_names import LONG_WEEKDAYS

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
Several = Annotated[list[str], Field(max_length=500)]
NONE: list[str] = []
SPARE = 2  # windows a day that can be filled in, besides those already there
Cells = list[tuple[int, str, str]]


@router.get("/schedules")
def schedules_page(request: Request, asker: Asker) -> Response:
    every = schedules.all_schedules(asker.acting)
    return show(
        request,
        "schedules.html",
        schedules=[(schedule, _by_day(schedule.windows), _by_type(schedule.special)) for schedule in every],
    )


@router.get("/schedules/new")
def new_schedule(request: Request, asker: Asker) -> Response:
    return _form(request, asker, Form(), cells=[], special={}, schedule=None)


@router.post("/schedules/new")
def add_schedule(
    request: Request,
    asker: Asker,
    special: Special,
    name: Text = "",
    weekday: Several = NONE,
    start: Several = NONE,
    end: Several = NONE,
) -> Response:
    form, cells = _parse_cells(name, weekday, start, end)
    try:
        with FieldErrors() as fields:
            fields.check(schedules.refuse_bad_name, asker.acting, name)
            hours = fields.check(_hours, cells, special)
        windows, days = hours
        asker.send(AddSchedule(name=name, windows=windows, special=days))
    except OperatorError as error:
        return _form(request, asker, form, cells, special=special, schedule=None, error=error)
    return RedirectResponse("/schedules?done=added", status_code=303)


@router.get("/schedules/{schedule_id}")
def schedule_page(request: Request, asker: Asker, schedule_id: str) -> Response:
    schedule = schedules.get(asker.acting, schedule_id)
    cells = [(w.weekday, schedules.time_text(w.start), schedules.time_text(w.end)) for w in schedule.windows]
    return _form(
        request,
        asker,
        Form({"name": schedule.name}),
        cells,
        special=special_days.as_typed(schedule.special),
        schedule=schedule,
    )


@router.post("/schedules/{schedule_id}")
def edit_schedule(
    request: Request,
    asker: Asker,
    schedule_id: str,
    special: Special,
    name: Text = "",
    weekday: Several = NONE,
    start: Several = NONE,
    end: Several = NONE,
) -> Response:
    form, cells = _parse_cells(name, weekday, start, end)
    try:
        with FieldErrors() as fields:
            fields.check(schedules.refuse_bad_name, asker.acting, name, schedule_id)
            hours = fields.check(_hours, cells, special)
        windows, days = hours
        asker.send(EditSchedule(schedule_id=schedule_id, name=name, windows=windows, special=days))
    except NotFound:
        raise
    except OperatorError as error:
        schedule = schedules.get(asker.acting, schedule_id)
        return _form(request, asker, form, cells, special=special, schedule=schedule, error=error)
    return RedirectResponse("/schedules?done=saved", status_code=303)


@router.post("/schedules/{schedule_id}/remove")
def remove_schedule(asker: Asker, schedule_id: str) -> Response:
    asker.send(RemoveSchedule(schedule_id=schedule_id))
    return RedirectResponse("/schedules?done=removed", status_code=303)


def _parse_cells(
    name: str, weekday: Sequence[str], start: Sequence[str], end: Sequence[str]
) -> tuple[Form, Cells]:
    """The three lists have one entry for each row; skip empty rows."""
    rows = zip(weekday, start, end, strict=False)
    cells = [(int(day), s.strip(), e.strip()) for day, s, e in rows if day in "0123456" and len(day) == 1]
    filled = [cell for cell in cells if cell[1] or cell[2]]
    return Form({"name": name}), filled


def _hours(cells: Cells, special: TypedDays) -> tuple[tuple[TimeWindow, ...], tuple[SpecialDay, ...]]:
    with FieldErrors() as fields:
        windows = [fields.check(special_days.window, f"windows.{n}", *cell) for n, cell in enumerate(cells)]
        days = fields.check(special_days.parse_days, special)
    schedules.refuse_bad(windows, days)
    return tuple(windows), tuple(days)


def _by_type(special: Sequence[SpecialDay]) -> list[tuple[str, list[str]]]:
    return [(day.day_type, [schedules.window_text(hours) for hours in day.hours]) for day in special]


def _by_day(windows: Sequence[TimeWindow]) -> list[tuple[str, list[str]]]:
    times: list[list[str]] = [[] for _ in LONG_WEEKDAYS]
    for w in windows:
        times[w.weekday].append(f"{schedules.time_text(w.start)}–{schedules.time_text(w.end)}")
    return [(LONG_WEEKDAYS[day], texts) for day, texts in enumerate(times) if texts]


def _form(
    request: Request,
    asker: Visitor,
    form: Form,
    cells: Cells,
    special: TypedDays,
    schedule: Schedule | None,
    error: OperatorError | None = None,
) -> Response:
    """Each window has a name of its own, so that an error is shown beside the window it is about."""
    days = []
    for day, name in enumerate(LONG_WEEKDAYS):
        filled = [
            (f"windows.{n}", start, end) for n, (weekday, start, end) in enumerate(cells) if weekday == day
        ]
        spare = max(SPARE - len(filled), 1)
        days.append((day, name, filled + [(f"spare.{day}.{n}", "", "") for n in range(spare)]))
    types = dict.fromkeys((*calendar.special_types(asker.acting), *sorted(special)))
    rows = special_days.rows(special, types)
    form.fields = [
        *("name", "windows", "special"),
        *(window[0] for _, _, windows in days for window in windows),
        *(name for day_type, _, hours in rows for name in special_days.fields_of(day_type, len(hours))),
    ]
    form.ids = {"windows": days[0][2][0][0], "special": f"special.{next(iter(types), '')}"}
    status = 200 if error is None else form.refuse(error)
    used = None if schedule is None else schedule_uses.uses(asker.acting, schedule)
    return show(
        request, "schedule.html", status, form=form, days=days, special=rows, schedule=schedule, used=used
    )
