"""One badge: add by number, validity, suspend, lost. Enrolling by tapping has a file of its own."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, NotFound, OperatorError
from controller.services.field_errors import FieldErrors
from controller.services.people import badges, card_keys, people
from controller.services.people.requests import (
    AddBadge,
    CheckBadgeNumber,
    EditBadge,
    ReportBadgeLost,
    ResumeBadge,
    SuspendBadge,
)
from controller.services.validity import Limit, day, days, limit
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.codes import BADGE_KINDS

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
FIELDS = ("reader", "number", "kind", "bits", "first_day", "first_time", "last_day", "last_time")


@router.get("/people/{person_id}/badges/new")
def new_badge(request: Request, asker: Asker, person_id: str) -> Response:
    return badge_form(request, asker, person_id, Form())


@router.post("/people/{person_id}/badges/new")
def add_badge(
    request: Request,
    asker: Asker,
    person_id: str,
    number: Text = "",
    kind: Text = "",
    bits: Text = "",
    first_day: Text = "",
    last_day: Text = "",
) -> Response:
    sent = {"number": number, "kind": kind, "bits": bits, "first_day": first_day, "last_day": last_day}
    form = Form(sent, fields=FIELDS)
    try:
        with FieldErrors() as fields:
            fields.check(asker.send, CheckBadgeNumber(number=number, kind=kind, bits=bits))
            first, last = fields.check(days, first_day, last_day) or (None, None)
        asker.send(AddBadge(person_id=person_id, number=number, first=first, last=last, kind=kind, bits=bits))
    except NotFound:
        raise
    except OperatorError as error:
        return badge_form(request, asker, person_id, form, status=form.refuse(error))
    return RedirectResponse(f"/people/{person_id}?done=enrolled", status_code=303)


def badge_form(request: Request, asker: Visitor, person_id: str, form: Form, status: int = 200) -> Response:
    """The page that adds a badge: by its number, or by tapping it."""
    return show(
        request,
        "badge_new.html",
        status,
        form=form,
        person=people.get(asker.acting, person_id),
        readers=asker.site.config.readers.values(),
        kinds=[(kind.value, asker.words.translate(key)) for kind, key in BADGE_KINDS.items()],
    )


@router.get("/badges/{badge_id}")
def badge_page(request: Request, asker: Asker, badge_id: str) -> Response:
    badge = badges.get(asker.acting, badge_id)
    values: dict[str, str] = {}
    for which, text in (("first", badge.first), ("last", badge.last)):
        values[f"{which}_day"], _, values[f"{which}_time"] = (text or "").partition(" ")
    return _page(request, asker, Form(values), badge, status=200)


def _page(request: Request, asker: Visitor, form: Form, badge: badges.Badge, status: int) -> Response:
    key = card_keys.of_badge(asker.acting, badge.id)
    return show(request, "badge.html", status, form=form, badge=badge, key=key, now=asker.now.utc)


@router.post("/badges/{badge_id}")
def edit_badge(
    request: Request,
    asker: Asker,
    badge_id: str,
    first_day: Text = "",
    first_time: Text = "",
    last_day: Text = "",
    last_time: Text = "",
) -> Response:
    sent = {"first_day": first_day, "first_time": first_time, "last_day": last_day, "last_time": last_time}
    form = Form(sent, fields=FIELDS)
    try:
        with FieldErrors() as fields:
            first = fields.check(_limit, asker, "first", first_day, time_text=first_time)
            last = fields.check(_limit, asker, "last", last_day, time_text=last_time)
        badge = asker.send(EditBadge(badge_id=badge_id, first=first, last=last))
    except NotFound:
        raise
    except OperatorError as error:
        badge = badges.get(asker.acting, badge_id)
        return _page(request, asker, form, badge, status=form.refuse(error))
    return RedirectResponse(f"/people/{badge.person_id}?done=saved", status_code=303)


def _limit(asker: Visitor, which: str, day_text: str, time_text: str) -> Limit:
    if not time_text.strip():
        return day(f"{which}_day", day_text)
    if not day_text.strip():
        raise BadInput(f"{which}_time", N_("Enter a day as well as the time."))
    day(f"{which}_day", day_text)
    return limit(f"{which}_time", f"{day_text} {time_text}", asker.site.config.site.time_zone)


@router.post("/badges/{badge_id}/suspend")
def suspend(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = asker.send(SuspendBadge(badge_id=badge_id, reason=reason))
    return RedirectResponse(f"/people/{badge.person_id}?done=suspended", status_code=303)


@router.post("/badges/{badge_id}/resume")
def resume(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = asker.send(ResumeBadge(badge_id=badge_id, reason=reason))
    return RedirectResponse(f"/people/{badge.person_id}?done=resumed", status_code=303)


@router.post("/badges/{badge_id}/lost")
def lost(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = asker.send(ReportBadgeLost(badge_id=badge_id, reason=reason))
    return RedirectResponse(f"/people/{badge.person_id}?done=lost", status_code=303)
