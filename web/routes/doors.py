"""The current state of doors and readers; unlock once."""

from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.doors import alarms as alarms_service
from controller.services.doors import lockdown, orders
from controller.services.doors import modes as door_modes
from controller.services.doors import now as doors
from controller.services.doors.requests import UnlockOnce
from controller.services.rights import Right
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.navigation import ALARMS
from web.frame.render import alarms, open_alarms, part, show
from web.frame.visitor import Visitor
from web.words.alarm_banners import strip_digest
from web.words.alarm_cards import HALF_ISSUED_TODO

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
OrderId = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/doors")
def doors_page(request: Request, asker: Asker, order: int = 0) -> Response:
    with asker.site.journal.one_moment():
        values = _page_values(asker) | _unlock_values(asker) | {"outcome": _outcome(asker, order)}
    return show(request, "doors.html", **values, form=Form(), refused_door="")


@router.get("/doors/now")
def doors_now(request: Request, asker: Asker) -> Response:
    return part(request, "parts/doors_now.html", **_page_values(asker))


@router.get("/doors/strip")
def strip(request: Request, asker: Asker, digest: Annotated[str, Query(alias="shown")] = "") -> Response:
    """Return 204, which htmx ignores, while the strip still matches `digest`."""
    with asker.site.journal.one_moment():
        state, here, waiting = _state(asker), alarms(request), open_alarms(asker)
    if digest == strip_digest(state, here, waiting):
        return Response(status_code=204)
    return part(request, "parts/doors_strip.html", state=state, alarms=here, counts={ALARMS: waiting})


@router.post("/doors/{door}/unlock")
def unlock_once(
    request: Request,
    asker: Asker,
    door: str,
    reason: Text = "",
    despite_lockdown: Text = "",
) -> Response:
    """Redirect to a page with its own address, so that reloading never unlocks twice."""
    fields = ("reason", "despite_lockdown")
    form = Form({"reason": reason}, fields=fields, ids={name: f"{name}-{door}" for name in fields})
    try:
        order = asker.send(UnlockOnce(door=door, reason=reason, despite_lockdown=bool(despite_lockdown)))
    except NotFound:
        raise  # there is no door, so there is no form for the error
    except OperatorError as error:
        status = form.refuse(error)
        values = _page_values(asker) | _unlock_values(asker)
        return show(request, "doors.html", status, **values, outcome=None, form=form, refused_door=door)
    return RedirectResponse(f"/doors?order={order}", status_code=303)


@router.get("/doors/orders/{order_id}")
def outcome(request: Request, asker: Asker, order_id: OrderId) -> Response:
    return part(request, "parts/order_outcome.html", outcome=_outcome(asker, order_id))


def _state(asker: Visitor) -> doors.DoorsStatus:
    return doors.doors_status(asker.acting)


def _page_values(asker: Visitor) -> dict[str, Any]:
    """`door_state` is what the door service itself reports."""
    with asker.site.journal.one_moment():
        state = _state(asker)
        modes = door_modes.door_modes(asker.acting)
        half_issued = alarms_service.half_issued(asker.acting)
    return {
        "state": state,
        "modes": modes,
        "door_state": doors.door_state(asker.site),
        "policies": asker.site.config.doors,
        "now": asker.now.utc,
        "half_issued": half_issued,
        "half_issued_todo": HALF_ISSUED_TODO,
    }


def _unlock_values(asker: Visitor) -> dict[str, Any]:
    return {"locked_doors": lockdown.locked_doors(asker.site)}


def _outcome(asker: Visitor, order: int) -> orders.OrderOutcome | None:
    if not 1 <= order <= 2**62 or not asker.may(Right.UNLOCK_ONCE):
        return None
    try:
        return orders.outcome(asker.acting, order)
    except OperatorError:
        return None
