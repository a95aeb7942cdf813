"""The set-up page: the one-time code creates the first administrator. Then the page "What to do next"."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import OperatorError
from controller.services.doors import now as doors
from controller.services.operators import sign_in
from controller.services.operators.sign_in_requests import AddFirstAdministrator
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.routes.sign_in import enter

router = guarded_router()
FIELDS = ("code", "display_name", "name", "password", "password_again")
Text = Annotated[str, Field(max_length=1000)]


@router.get("/set-up")
def set_up_page(request: Request, asker: Asker) -> Response:
    if not sign_in.set_up_needed(asker.site):
        return RedirectResponse("/", status_code=303)
    return show(request, "set_up.html", form=Form())


@router.post("/set-up")
def set_up(
    request: Request,
    asker: Asker,
    code: Text = "",
    name: Text = "",
    display_name: Text = "",
    password: Text = "",
    password_again: Text = "",
) -> Response:
    form = Form({"code": code.strip(), "name": name, "display_name": display_name}, fields=FIELDS)
    try:
        signed_in = asker.send_open(
            AddFirstAdministrator(
                code=code.strip(),
                name=name,
                display_name=display_name,
                language=asker.words.language,
                password=password,
                password_again=password_again,
                address=asker.address,
            )
        )
    except OperatorError as error:
        return show(request, "set_up.html", form.refuse(error), form=form)
    return enter(request, signed_in, "/welcome?done=set_up")


@router.get("/welcome")
def welcome(request: Request, asker: Asker) -> Response:
    """What a new site still needs, in the order of doing it."""
    return show(request, "welcome.html", door_runs=doors.door_service_runs(asker.site.config.data))
