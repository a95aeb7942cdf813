"""Why a person is admitted or refused: a person at a time, or a line of the log, rule by rule."""

from typing import Annotated, Any

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from controller.errors import OperatorError
from controller.services.explain import person as explain
from controller.services.explain.record import explain_record
from controller.services.people import people
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.rules.explained import agreement, notes, recorded, rule_rows, verdict

router = guarded_router()
FIELDS = ("name", "access_point", "at")
Seq = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/explain")
def explain_page(
    request: Request, asker: Asker, person: str = "", name: str = "", access_point: str = "", at: str = ""
) -> Response:
    """`name` is what was typed; it leads to `person`, the reference, when only one person fits."""
    form = Form({"name": name, "access_point": access_point, "at": at}, fields=FIELDS)
    values: dict[str, Any] = {"form": form, "person": None, "candidates": (), "explained": None}
    values["points"] = asker.site.config.access_points.values()
    status = 200
    if name.strip() and not person:
        found = people.find(asker.acting, name)
        person = found.one.id if found.one else ""
        values["candidates"] = found.people
    values["nobody"] = bool(name.strip()) and not person and not values["candidates"]
    try:
        if person:
            values["person"] = people.get(asker.acting, person)
        if person and access_point:
            when = explain.moment(asker.site, at)
            found_out = explain.explain(asker.acting, person, access_point, when)
            values |= {
                "explained": found_out,
                "verdict": verdict(found_out, asker.words),
                "rows": rule_rows(found_out, asker.words),
                "notes": notes(found_out, asker.words),
            }
    except OperatorError as error:
        status = form.refuse(error)
    return show(request, "explain.html", status, **values)


@router.get("/log/{seq}/why")
def why_page(request: Request, asker: Asker, seq: Seq) -> Response:
    found = explain_record(asker.acting, seq)
    return show(
        request,
        "why.html",
        found=found,
        explained=found.explained,
        recorded=recorded(found, asker.words),
        agreement=agreement(found, asker.words),
        rows=rule_rows(found.explained, asker.words),
        notes=notes(found.explained, asker.words),
    )
