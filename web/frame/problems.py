"""Error pages: what is wrong and what to do. They never contain a trace or what the browser sent."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Scope

from controller.errors import (
    N_,
    BadInput,
    BadRequest,
    ConfirmationNeeded,
    GenkanError,
    InstallerError,
    NotFound,
    NotPermitted,
    OperatorError,
    SessionEnded,
    TechnicianError,
    Throttled,
)
from web.frame.api_refusals import CODES, confirmation, refusal
from web.frame.forms import Form
from web.frame.render import error_text, show
from web.frame.sent_form import OWN_PASSWORD
from web.frame.visitor import SignInNeeded, Visitor, find_visitor, stranger
from web.words.faults import fault_of
from web.words.language import preferred
from web.words.words import Words

TITLES = {
    400: (
        N_("This address was not understood"),
        N_("Part of the address is missing or wrong. Start from the menu."),
    ),
    401: (N_("Sign in first"), N_("Nobody is signed in, or the session has ended.")),
    403: (N_("Not allowed"), N_("Your role does not allow this. Ask an administrator.")),
    404: (N_("Not found"), N_("There is no such page, or it was removed. Start from the menu.")),
    405: (N_("Not found"), N_("There is no such page, or it was removed. Start from the menu.")),
    409: (N_("Your request failed"), N_("Go back and try again.")),
    413: (N_("Too large"), N_("The data is too large. Send less, or split the file.")),
    422: (N_("Your request failed"), N_("Something that was sent is not allowed. Go back and correct it.")),
    429: (N_("Too many tries"), N_("Wait a little, then try again.")),
    503: (N_("Not available at the moment"), N_("Try again in a minute.")),
}
ASKS_PASSWORD = N_("Enter your password to confirm this request.")
WRONG_PASSWORD = N_("This is not your password; enter it again.")
CONFIRM = "/account/confirm"
# Fields that no page repeats, with the label of the empty field for typing them again. Several forms have a
# field of the same name, so each label is true of all of them.
SECRETS: Mapping[str, str] = {
    "pin": N_("PIN"),
    "duress": N_("Duress PIN"),
    "again": N_("The same PIN again"),
    "password": N_("Password of the account"),
    "password_again": N_("The same password again"),
}
_STATUS: tuple[tuple[type[OperatorError], int], ...] = (
    (NotFound, 404),
    (NotPermitted, 403),
    (Throttled, 429),
    (BadInput, 422),
)


def install(app: FastAPI) -> None:
    app.exception_handler(SignInNeeded)(_sign_in_needed)
    app.exception_handler(SessionEnded)(_sign_in_needed)
    app.exception_handler(ConfirmationNeeded)(_confirmation_needed)
    app.exception_handler(OperatorError)(_operator_error)
    app.exception_handler(InstallerError)(_not_now)
    app.exception_handler(TechnicianError)(_not_now)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(BadRequest)(_not_understood)
    app.exception_handler(HTTPException)(_http)


def _is_api(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/api/")


def _problem(
    request: Request, status: int, text: str | None = None, codes: Mapping[str, Any] | None = None
) -> Response:
    """`codes` are for programs."""
    title, standard = TITLES.get(status, TITLES[400])
    visitor = _visitor(request)
    sentence = text or visitor.words.translate(standard)
    if _is_api(request):
        body = {"status": status, "title": visitor.words.translate(title), "detail": sentence}
        return JSONResponse({**body, "code": CODES.get(status, "refused"), **(codes or {})}, status)
    return show(
        request, "problem.html", status, title=visitor.words.translate(title), text=sentence, detail=""
    )


def _visitor(request: Request) -> Visitor:
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is None:
        try:
            visitor = find_visitor(request)
        except GenkanError:  # the registrar does not answer, and this is the page that shows it
            visitor = stranger(request)
        request.state.visitor = visitor
    return visitor


def _sign_in_needed(request: Request, _error: Exception) -> Response:
    """Pages go to the sign-in page and back; a document or a stream has nothing to show there."""
    path = request.scope["path"]
    if path == "/api/v1/openapi.json":
        return _problem(request, 404)
    if _is_api(request):
        return _problem(request, 401)
    if "hx-request" in request.headers or "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    query = request.scope["query_string"].decode("ascii", "replace")
    back = (path + (f"?{query}" if query else "")) if request.method == "GET" else "/"
    to = "/sign-in" if back in ("/", "/log") else f"/sign-in?back={quote(back, safe='/')}"
    return RedirectResponse(to, status_code=303)


def _confirmation_needed(request: Request, error: ConfirmationNeeded) -> Response:
    """A page that asks for the password: with the form as it was sent, or before it opens the page again.

    It repeats no secret and no file: for these it has empty fields.
    """
    visitor: Visitor = request.state.visitor
    if _is_api(request):
        detail = visitor.words.translate(WRONG_PASSWORD if error.is_wrong else ASKS_PASSWORD)
        return JSONResponse(
            {
                "status": 403,
                "title": visitor.words.translate(N_("Confirm with your password")),
                "detail": detail,
                **confirmation(error),
            },
            403,
        )
    path: str = request.scope["path"]
    if request.method == "POST":
        sent = [(name, value) for name, value in request.state.sent.multi_items() if name != OWN_PASSWORD]
    else:
        sent, path = [("back", f"{path}?{request.url.query}")], CONFIRM
    names = {name for name, _ in sent}
    form = Form(fields=(OWN_PASSWORD,))
    if error.is_wrong:
        form.refuse(BadInput(OWN_PASSWORD, WRONG_PASSWORD))
    return show(
        request,
        "confirm.html",
        403,
        form=form,
        action=path,
        each_time=error.each_time,
        sent=[(name, value) for name, value in sent if name not in SECRETS and isinstance(value, str)],
        secrets=[(name, visitor.words.translate(SECRETS[name])) for name in SECRETS if name in names],
        files=[name for name, value in sent if not isinstance(value, str)],
    )


def _operator_error(request: Request, error: OperatorError) -> Response:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 409)
    visitor: Visitor = request.state.visitor
    answer = _problem(request, status, error_text(visitor.words, error), refusal(error, visitor.words))
    if isinstance(error, Throttled):
        answer.headers["Retry-After"] = str(error.fields.get("seconds", 60))
    return answer


def _not_now(request: Request, error: Exception) -> Response:
    """For a faulty disk or database, or a stopped door: a sentence, and the installer's error in English."""
    fault, words = fault_of(error), _visitor(request).words
    sentence = words.translate(fault.key)
    if _is_api(request):
        return _problem(request, 503, sentence, {"code": fault.code, "error": str(error)})
    title, _ = TITLES[503]
    texts = {"title": words.translate(title), "text": sentence, "detail": str(error)}
    return show(request, "problem.html", 503, **texts)


def _not_understood(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return _problem(request, 400, str(error) if isinstance(error, BadRequest) else None)
    return _problem(request, 422 if request.method == "POST" else 400)


def _http(request: Request, error: HTTPException) -> Response:
    answer = _problem(request, error.status_code)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def fault_page() -> Callable[[Scope, str], Response]:
    """For faults of ours; needs neither a database nor a template, since either may be the fault."""

    def page(scope: Scope, fault_id: str) -> Response:
        words = Words(preferred(Request(scope).headers.get("accept-language", "")))
        sentence = words.translate(
            N_("The system failed (fault {fault}). No partial change was saved; try again."),
            fault=fault_id,
        )
        return PlainTextResponse(sentence + "\n", status_code=500)

    return page
