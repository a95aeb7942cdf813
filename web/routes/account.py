"""The operator's own account: password. The language switch is on every page."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, OperatorError
from controller.services.operators.requests import ChangeOwnPassword, ConfirmPassword
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.navigation import safe_path
from web.frame.render import show

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
FIELDS = ("current", "password", "password_again")


@router.get("/account")
def account_page(request: Request, asker: Asker) -> Response:
    return show(request, "account.html", form=Form())


@router.post("/account/password")
def change_password(
    request: Request, asker: Asker, current: Text = "", password: Text = "", password_again: Text = ""
) -> Response:
    form = Form(fields=FIELDS)
    try:
        if password != password_again:
            raise BadInput("password_again", N_("The two passwords differ; enter the same one twice."))
        asker.send(ChangeOwnPassword(current=current, new=password))
    except OperatorError as error:
        if isinstance(error, BadInput) and error.field == "new":
            error.field = "password"
        return show(request, "account.html", form.refuse(error), form=form)
    return RedirectResponse("/account?done=password", status_code=303)


@router.post("/account/confirm")
def confirm(asker: Asker, back: Text = "/") -> Response:
    """Type the own password, then return to the page that asked for it."""
    asker.send(ConfirmPassword())
    return RedirectResponse(safe_path(back), status_code=303)
