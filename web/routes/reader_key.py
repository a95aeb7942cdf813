"""A reader's key: open the ten minutes in which a reader on an RS-485 line accepts a new one."""

from typing import Annotated, Any

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.doors import now as doors
from controller.services.doors import orders
from controller.services.doors.requests import OpenInstallWindow
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import part, show
from web.frame.visitor import Visitor

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]


@router.get("/doors/readers/{reader}/key")
def key_page(request: Request, asker: Asker, reader: str, order: int = 0) -> Response:
    return show(request, "reader_key.html", form=Form(), **_page_values(asker, reader, order))


@router.get("/doors/readers/{reader}/key/now")
def key_now(request: Request, asker: Asker, reader: str, order: int = 0) -> Response:
    return part(request, "parts/reader_key_now.html", **_page_values(asker, reader, order))


@router.post("/doors/readers/{reader}/key")
def open_install(request: Request, asker: Asker, reader: str, ready: Text = "") -> Response:
    form = Form({}, fields=("ready",))
    try:
        order = asker.send(OpenInstallWindow(reader=reader, ready=bool(ready)))
    except NotFound:
        raise
    except OperatorError as error:
        status = form.refuse(error)
        return show(request, "reader_key.html", status, form=form, **_page_values(asker, reader, 0))
    return RedirectResponse(f"/doors/readers/{reader}/key?order={order}", status_code=303)


def _page_values(asker: Visitor, reader: str, order: int) -> dict[str, Any]:
    return {
        "reader": doors.reader_status(asker.acting, reader),
        "order": order,
        "outcome": _outcome(asker, order),
    }


def _outcome(asker: Visitor, order: int) -> orders.OrderOutcome | None:
    if not 1 <= order <= 2**62:
        return None
    try:
        return orders.outcome(asker.acting, order)
    except OperatorError:
        return None
