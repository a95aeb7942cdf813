"""A person's PIN: set by typing it twice, or generated and shown once; the duress PIN; remove both."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.people import people, pins
from controller.services.people.pin_requests import GeneratePin, RemovePin, SetDuressPin, SetPin
from controller.services.requests.request import Request as RequestOf
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor

router = guarded_router()
Text = Annotated[str, Field(max_length=1000)]
FIELDS = ("pin", "duress")


@router.get("/people/{person_id}/pin")
def pin_page(request: Request, asker: Asker, person_id: str) -> Response:
    return _pin_page(request, asker, person_id, Form(), status=200)


@router.post("/people/{person_id}/pin")
def set_pin(request: Request, asker: Asker, person_id: str, pin: Text = "", again: Text = "") -> Response:
    return _apply(request, asker, person_id, SetPin(person_id=person_id, pin=pin, again=again))


@router.post("/people/{person_id}/pin/duress")
def set_duress(
    request: Request, asker: Asker, person_id: str, duress: Text = "", again: Text = ""
) -> Response:
    return _apply(request, asker, person_id, SetDuressPin(person_id=person_id, duress=duress, again=again))


@router.post("/people/{person_id}/pin/generate")
def generate(request: Request, asker: Asker, person_id: str) -> Response:
    """The only page that ever shows a PIN; no address leads to it again."""
    new_pin = asker.send(GeneratePin(person_id=person_id))
    return _pin_page(request, asker, person_id, Form(), status=200, new_pin=new_pin)


@router.post("/people/{person_id}/pin/remove")
def remove(asker: Asker, person_id: str) -> Response:
    asker.send(RemovePin(person_id=person_id))
    return RedirectResponse(f"/people/{person_id}?done=removed", status_code=303)


def _apply(request: Request, asker: Visitor, person_id: str, change: RequestOf[None]) -> Response:
    form = Form(fields=FIELDS)
    try:
        asker.send(change)
    except NotFound:
        raise
    except OperatorError as error:
        return _pin_page(request, asker, person_id, form, status=form.refuse(error))
    return RedirectResponse(f"/people/{person_id}?done=pin", status_code=303)


def _pin_page(
    request: Request, asker: Visitor, person_id: str, form: Form, status: int, new_pin: str | None = None
) -> Response:
    person = people.get(asker.acting, person_id)
    state = pins.state(asker.acting, person_id)
    return show(request, "person_pin.html", status, form=form, person=person, pin=state, new_pin=new_pin)
