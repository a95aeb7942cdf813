"""Lockdown: what is on, beginning one, ending it. Designed for a phone in a hurry."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import OperatorError
from controller.services.doors import lockdown
from controller.services.doors.requests import BeginLockdown, EndLockdown
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.alarm_banners import PAGE, areas_text, place_text
from web.words.change_rows import operator_text

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]


@router.get("/lockdown")
def lockdown_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form({"area": lockdown.SITE}))


@router.post("/lockdown/begin")
def begin(request: Request, asker: Asker, area: Text = "", reason: Text = "") -> Response:
    form = Form({"area": area, "reason": reason}, fields=("area", "reason"))
    try:
        asker.send(BeginLockdown(area=area, reason=reason))
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error))
    return RedirectResponse(f"{PAGE}?done=lockdown_begun", status_code=303)


@router.post("/lockdown/end")
def end(request: Request, asker: Asker, area: Text = "", reason: Text = "") -> Response:
    form = Form(
        {"area": lockdown.SITE, "end_reason": reason}, fields=("reason",), ids={"reason": f"end-{area}"}
    )
    try:
        asker.send(EndLockdown(area=area, reason=reason))
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error), ending=area)
    return RedirectResponse(f"{PAGE}?done=lockdown_ended", status_code=303)


def _page(request: Request, asker: Visitor, form: Form, status: int = 200, ending: str = "") -> Response:
    """`ending`: the area whose lockdown could not be ended."""
    on = lockdown.in_force(asker.site)
    locked = {one.area for one in on}
    free = [place for place in lockdown.places(asker.site) if place.area.name not in locked]
    return show(
        request,
        "lockdown.html",
        status,
        on=[
            (
                one,
                place_text(one, asker.words),
                operator_text(one.operator_id, one.operator_name, asker.words),
                areas_text(one.inner, asker.words),
            )
            for one in on
        ],
        free=[
            (
                place.area.name,
                areas_text([place.area], asker.words),
                areas_text(place.inner, asker.words),
            )
            for place in free
        ],
        site_is_free=lockdown.SITE not in locked,
        SITE=lockdown.SITE,
        form=form,
        ending=ending,
        form_of_nothing=Form(),
    )
