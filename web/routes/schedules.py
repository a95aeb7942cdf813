"""Schedules: weekly windows, typed as from and to."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, NotFound, OperatorError
from controller.model.access import Schedule, TimeWindow
from controller.services import schedules
from web.forms import Form
from web.guard import Asker, guarded_router
from web.render import show
from web.words import LONG_WEEKDAYS

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
Several = Annotated[list[str], Field(max_length=500)]
NONE: list[str] = []
SPARE = 2  # windows a day that can be filled in, besides those already there
Cells = list[tuple[int, str, str]]


@router.get("/schedules")
def schedules_page(request: Request, asker: Asker) -> Response:
    every = schedules.all_schedules(asker.house, asker.operator, asker.now)
    return show(
        request, "schedules.html", schedules=[(schedule, _by_day(schedule.windows)) for schedule in every]
    )


@router.get("/schedules/new")
def new_schedule(request: Request, asker: Asker) -> Response:
    return _form(request, Form(), [], None)


@router.post("/schedules/new")
def add_schedule(
    request: Request,
    asker: Asker,
    name: Text = "",
    weekday: Several = NONE,
    start: Several = NONE,
    end: Several = NONE,
) -> Response:
    form, cells = _typed(name, weekday, start, end)
    try:
        schedules.add(asker.house, asker.operator, asker.now, name, _windows(cells))
    except OperatorError as error:
        return _form(request, form, cells, None, form.refuse(error))
    return RedirectResponse("/schedules?done=added", status_code=303)


@router.get("/schedules/{schedule_id}")
def schedule_page(request: Request, asker: Asker, schedule_id: str) -> Response:
    schedule = schedules.get(asker.house, asker.operator, asker.now, schedule_id)
    cells = [(w.weekday, schedules.time_text(w.start), schedules.time_text(w.end)) for w in schedule.windows]
    return _form(request, Form({"name": schedule.name}), cells, schedule)


@router.post("/schedules/{schedule_id}")
def edit_schedule(
    request: Request,
    asker: Asker,
    schedule_id: str,
    name: Text = "",
    weekday: Several = NONE,
    start: Several = NONE,
    end: Several = NONE,
) -> Response:
    form, cells = _typed(name, weekday, start, end)
    try:
        schedules.edit(asker.house, asker.operator, asker.now, schedule_id, name, _windows(cells))
    except NotFound:
        raise
    except OperatorError as error:
        schedule = schedules.get(asker.house, asker.operator, asker.now, schedule_id)
        return _form(request, form, cells, schedule, form.refuse(error))
    return RedirectResponse("/schedules?done=saved", status_code=303)


@router.post("/schedules/{schedule_id}/remove")
def remove_schedule(asker: Asker, schedule_id: str) -> Response:
    schedules.remove(asker.house, asker.operator, asker.now, schedule_id)
    return RedirectResponse("/schedules?done=removed", status_code=303)


def _typed(name: str, weekday: Sequence[str], start: Sequence[str], end: Sequence[str]) -> tuple[Form, Cells]:
    """The three lists run in step; rows left empty are no windows."""
    rows = zip(weekday, start, end, strict=False)
    cells = [(int(day), s.strip(), e.strip()) for day, s, e in rows if day in "0123456" and len(day) == 1]
    filled = [cell for cell in cells if cell[1] or cell[2]]
    return Form({"name": name}, fields=("name", "windows")), filled


def _windows(cells: Cells) -> list[TimeWindow]:
    windows = []
    for weekday, start, end in cells:
        try:
            windows.append(schedules.window(weekday, _with_colon(start), _with_colon(end)))
        except BadInput:
            raise BadInput(
                "windows",
                N_("“{start} – {end}” is not understood; write both as 09:00; the end of the day is 24:00."),
                start=start,
                end=end,
            ) from None
    return windows


def _with_colon(text: str) -> str:
    """0900 and 9 are quicker to type on a phone."""
    digits = unicodedata.normalize("NFKC", text[:20]).strip()
    if not (digits.isascii() and digits.isdigit()):
        return digits
    return f"{digits}:00" if len(digits) <= 2 else f"{digits[:-2]}:{digits[-2:]}"


def _by_day(windows: Sequence[TimeWindow]) -> list[tuple[str, list[str]]]:
    times: list[list[str]] = [[] for _ in LONG_WEEKDAYS]
    for w in windows:
        times[w.weekday].append(f"{schedules.time_text(w.start)}–{schedules.time_text(w.end)}")
    return [(LONG_WEEKDAYS[day], texts) for day, texts in enumerate(times) if texts]


def _form(
    request: Request, form: Form, cells: Cells, schedule: Schedule | None, status: int = 200
) -> Response:
    days = []
    for day, name in enumerate(LONG_WEEKDAYS):
        filled = [(start, end) for weekday, start, end in cells if weekday == day]
        days.append((day, name, filled + [("", "")] * max(SPARE - len(filled), 1)))
    return show(request, "schedule.html", status, form=form, days=days, schedule=schedule)
