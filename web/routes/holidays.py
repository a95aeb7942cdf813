"""Holidays: the country's, and days of the site's own. Each change publishes the rules as a new version."""

from datetime import date
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, OperatorError
from controller.services.access import calendar
from controller.services.access.requests import RemoveDay, SetCountry, SetDay
from controller.services.field_errors import FieldErrors
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.times import parse_day

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
_DONE = "/holidays?done=rules_published"


@router.get("/holidays")
def holidays_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form())


@router.post("/holidays/country")
def set_country(request: Request, asker: Asker, country: Text = "", note: Text = "") -> Response:
    form = Form({"country": country}, fields=("country",))
    try:
        asker.send(SetCountry(country=country, note=note))
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error))
    return RedirectResponse(_DONE, status_code=303)


@router.post("/holidays/days")
def add_day(request: Request, asker: Asker, day: Text = "", day_type: Text = "", note: Text = "") -> Response:
    form = Form({"day": day, "day_type": day_type, "note": note}, fields=("day", "day_type"))
    try:
        with FieldErrors() as fields:
            chosen = fields.check(_day, day)
            fields.check(calendar.day_type_name, day_type)
        asker.send(SetDay(day=chosen, day_type=day_type, note=note))
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error))
    return RedirectResponse(_DONE, status_code=303)


@router.post("/holidays/days/remove")
def remove_day(asker: Asker, day: Text = "") -> Response:
    asker.send(RemoveDay(day=_day(day)))
    return RedirectResponse(_DONE, status_code=303)


def _day(text: str) -> date:
    try:
        day = parse_day(text[:20])
    except ValueError:
        day = None
    if day is None:
        raise BadInput("day", N_("This is not a date; enter it as 2027-05-01."))
    return day


def _page(request: Request, asker: Visitor, form: Form, status: int = 200) -> Response:
    language = {"ja": "ja", "en": "en_US"}.get(asker.words.language, "")
    found = calendar.calendar(asker.acting, language)
    if "country" not in form.values:
        form.values = {**form.values, "country": found.country}
    return show(request, "holidays.html", status, form=form, calendar=found)
