"""Sign-in and sign-out, and the first page."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import OperatorError, Throttled
from controller.services.operators.requests import SignOut
from controller.services.operators.sign_in import SignedIn
from controller.services.operators.sign_in_requests import SignIn
from web.frame.cookies import BROWSER, LANGUAGE, SESSION, Cookies
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.navigation import safe_path
from web.frame.render import show

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
LONGEST_DEVICE = 64  # the cookie of a browser that signed in before has 43 characters


@router.get("/")
def first_page() -> Response:
    return RedirectResponse("/log", status_code=303)


@router.get("/sign-in")
def sign_in_page(request: Request, asker: Asker, back: str = "/") -> Response:
    if asker.signed_in is not None:
        return RedirectResponse(safe_path(back), status_code=303)
    return show(request, "sign_in.html", form=Form(), back=safe_path(back))


@router.post("/sign-in")
def sign_in_form(
    request: Request, asker: Asker, name: Text = "", password: Text = "", back: Text = "/"
) -> Response:
    form = Form({"name": name}, fields=("name", "password"))
    try:
        device = asker.browser if asker.browser and len(asker.browser) <= LONGEST_DEVICE else None
        signed_in = asker.send_open(
            SignIn(name=name, password=password, address=asker.address, device=device)
        )
    except Throttled as error:
        form.refuse(error)
        answer = show(request, "sign_in.html", 429, form=form, back=safe_path(back))
        seconds = error.fields.get("seconds")
        if isinstance(seconds, int):
            answer.headers["Retry-After"] = str(seconds)
        return answer
    except OperatorError as error:
        return show(request, "sign_in.html", form.refuse(error), form=form, back=safe_path(back))
    return enter(request, signed_in, safe_path(back))


def enter(request: Request, signed_in: SignedIn, to: str) -> Response:
    """A new token at every sign-in; an earlier token in the browser is invalid."""
    answer = RedirectResponse(to, status_code=303)
    cookies: Cookies = request.app.state.cookies
    cookies.write(answer, SESSION, signed_in.token)
    cookies.write(answer, BROWSER, signed_in.device)
    cookies.write(answer, LANGUAGE, signed_in.operator.language)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, asker: Asker) -> Response:
    if asker.signed_in is not None and asker.token is not None:
        asker.send(SignOut())
    answer = RedirectResponse("/sign-in?done=signed_out", status_code=303)
    cookies: Cookies = request.app.state.cookies
    cookies.clear(answer, SESSION)
    return answer
