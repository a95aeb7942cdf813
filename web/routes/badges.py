"""One badge: add by number, validity, suspend, lost. Enrolling by tapping has a file of its own."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services import badges, people
from controller.services.days import day
from web.forms import Form
from web.guard import Asker, guarded_router
from web.render import show
from web.times import local_day

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
FIELDS = ("number", "first_day", "last_day", "reader")


@router.get("/people/{person_id}/badges/new")
def new_badge(request: Request, asker: Asker, person_id: str) -> Response:
    person = people.get(asker.house, asker.operator, asker.now, person_id)
    return show(
        request, "badge_new.html", form=Form(), person=person, readers=asker.house.config.readers.values()
    )


@router.post("/people/{person_id}/badges/new")
def add_badge(
    request: Request,
    asker: Asker,
    person_id: str,
    number: Text = "",
    first_day: Text = "",
    last_day: Text = "",
) -> Response:
    form = Form({"number": number, "first_day": first_day, "last_day": last_day}, fields=FIELDS)
    try:
        badges.add(
            asker.house,
            asker.operator,
            asker.now,
            person_id,
            number,
            day("first_day", first_day),
            day("last_day", last_day),
        )
    except NotFound:
        raise
    except OperatorError as error:
        person = people.get(asker.house, asker.operator, asker.now, person_id)
        readers = asker.house.config.readers.values()
        status = form.refuse(error)
        return show(request, "badge_new.html", status, form=form, person=person, readers=readers)
    return RedirectResponse(f"/people/{person_id}?done=enrolled", status_code=303)


@router.get("/badges/{badge_id}")
def badge_page(request: Request, asker: Asker, badge_id: str) -> Response:
    badge = badges.get(asker.house, asker.operator, asker.now, badge_id)
    values = {"first_day": str(badge.first_day or ""), "last_day": str(badge.last_day or "")}
    today = local_day(asker.now.utc, asker.house.config.site.time_zone)
    return show(request, "badge.html", form=Form(values), badge=badge, today=today)


@router.post("/badges/{badge_id}")
def edit_badge(
    request: Request, asker: Asker, badge_id: str, first_day: Text = "", last_day: Text = ""
) -> Response:
    form = Form({"first_day": first_day, "last_day": last_day}, fields=FIELDS)
    try:
        badge = badges.edit(
            asker.house,
            asker.operator,
            asker.now,
            badge_id,
            day("first_day", first_day),
            day("last_day", last_day),
        )
    except NotFound:
        raise
    except OperatorError as error:
        badge = badges.get(asker.house, asker.operator, asker.now, badge_id)
        today = local_day(asker.now.utc, asker.house.config.site.time_zone)
        return show(request, "badge.html", form.refuse(error), form=form, badge=badge, today=today)
    return RedirectResponse(f"/people/{badge.person_id}?done=saved", status_code=303)


@router.post("/badges/{badge_id}/suspend")
def suspend(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = badges.suspend(asker.house, asker.operator, asker.now, badge_id, reason)
    return RedirectResponse(f"/people/{badge.person_id}?done=suspended", status_code=303)


@router.post("/badges/{badge_id}/resume")
def resume(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = badges.resume(asker.house, asker.operator, asker.now, badge_id, reason)
    return RedirectResponse(f"/people/{badge.person_id}?done=resumed", status_code=303)


@router.post("/badges/{badge_id}/lost")
def lost(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    badge = badges.lost(asker.house, asker.operator, asker.now, badge_id, reason)
    return RedirectResponse(f"/people/{badge.person_id}?done=lost", status_code=303)
