"""Enrol a badge by tapping it: order the door to read it, wait, then confirm.

Without script the waiting page reloads itself; with script a part of it does.
"""

from typing import Annotated

from fastapi import Form as Field
from fastapi import Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.doors import orders
from controller.services.doors.requests import LearnBadge
from controller.services.people import people
from controller.services.people.requests import AddLearnedBadge
from controller.services.validity import days
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.routes.badges import badge_form

router = guarded_router()
Text = Annotated[str, Field(max_length=1000)]
OrderId = Annotated[int, Path(ge=1, le=2**62)]
FIELDS = ("first_day", "last_day", "reader")


@router.post("/people/{person_id}/enrol")
def start(request: Request, asker: Asker, person_id: str, reader: Text = "") -> Response:
    people.get(asker.acting, person_id)
    try:
        order = asker.send(LearnBadge(reader=reader))
    except OperatorError as error:
        form = Form({"reader": reader}, fields=FIELDS)
        return badge_form(request, asker, person_id, form, status=form.refuse(error))
    return RedirectResponse(f"/people/{person_id}/enrol/{order}?reader={reader}", status_code=303)


@router.get("/people/{person_id}/enrol/{order_id}")
def waiting(request: Request, asker: Asker, person_id: str, order_id: OrderId, reader: str = "") -> Response:
    person = people.get(asker.acting, person_id)
    outcome = orders.outcome(asker.acting, order_id)
    config = asker.site.config.readers.get(reader)
    return show(request, "enrol.html", form=Form(), person=person, outcome=outcome, reader=config)


@router.get("/people/{person_id}/enrol/{order_id}/now")
def poll(request: Request, asker: Asker, person_id: str, order_id: OrderId) -> Response:
    """Return 204 while the order waits, which htmx ignores; then make htmx reload the page."""
    outcome = orders.outcome(asker.acting, order_id)
    if outcome.state is orders.OrderState.WAITING:
        return Response(status_code=204)
    return Response(headers={"HX-Refresh": "true"})


@router.post("/people/{person_id}/enrol/{order_id}")
def confirm(
    request: Request,
    asker: Asker,
    person_id: str,
    order_id: OrderId,
    first_day: Text = "",
    last_day: Text = "",
) -> Response:
    form = Form({"first_day": first_day, "last_day": last_day}, fields=FIELDS)
    try:
        first, last = days(first_day, last_day)
        asker.send(AddLearnedBadge(person_id=person_id, order_id=order_id, first=first, last=last))
    except NotFound:
        raise
    except OperatorError as error:
        person = people.get(asker.acting, person_id)
        outcome = orders.outcome(asker.acting, order_id)
        status = form.refuse(error)
        return show(request, "enrol.html", status, form=form, person=person, outcome=outcome, reader=None)
    return RedirectResponse(f"/people/{person_id}?done=enrolled", status_code=303)
