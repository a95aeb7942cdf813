"""Access levels: which access points, in which schedules."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.access import levels, schedules
from controller.services.access.requests import AddLevel, EditLevel, RemoveLevel
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
Several = Annotated[list[str], Field(max_length=500)]
NONE: list[str] = []
FIELDS = ("name", "rules")


@router.get("/levels")
def levels_page(request: Request, asker: Asker) -> Response:
    every = levels.all_levels(asker.acting)
    always = {s.id for s in schedules.all_schedules(asker.acting) if s.always}
    return show(request, "levels.html", levels=every, always=always)


@router.get("/levels/new")
def new_level(request: Request, asker: Asker) -> Response:
    return _form(request, asker, Form(), None)


@router.post("/levels/new")
def add_level(request: Request, asker: Asker, name: Text = "", rules: Several = NONE) -> Response:
    form = Form({"name": name, "rules": rules}, fields=FIELDS)
    try:
        asker.send(AddLevel(name=name, rules=_pairs(rules)))
    except OperatorError as error:
        return _form(request, asker, form, level=None, status=form.refuse(error))
    return RedirectResponse("/levels?done=added", status_code=303)


@router.get("/levels/{level_id}")
def level_page(request: Request, asker: Asker, level_id: str) -> Response:
    level = levels.get(asker.acting, level_id)
    rules = [f"{rule.access_point}|{rule.schedule_id}" for rule in level.rules]
    return _form(request, asker, Form({"name": level.name, "rules": rules}), level)


@router.post("/levels/{level_id}")
def edit_level(
    request: Request, asker: Asker, level_id: str, name: Text = "", rules: Several = NONE
) -> Response:
    form = Form({"name": name, "rules": rules}, fields=FIELDS)
    try:
        asker.send(EditLevel(level_id=level_id, name=name, rules=_pairs(rules)))
    except NotFound:
        raise
    except OperatorError as error:
        level = levels.get(asker.acting, level_id)
        return _form(request, asker, form, level, status=form.refuse(error))
    return RedirectResponse("/levels?done=saved", status_code=303)


@router.post("/levels/{level_id}/remove")
def remove_level(asker: Asker, level_id: str) -> Response:
    asker.send(RemoveLevel(level_id=level_id))
    return RedirectResponse("/levels?done=removed", status_code=303)


def _pairs(rules: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each tick is an access point and a schedule, "entrance-in|a1b2"; the service refuses unknown ones."""
    pairs = (rule.partition("|") for rule in rules)
    return tuple((access_point, schedule) for access_point, _, schedule in pairs)


def _form(
    request: Request, asker: Asker, form: Form, level: levels.Level | None, status: int = 200
) -> Response:
    return show(
        request,
        "level.html",
        status,
        form=form,
        level=level,
        points=asker.site.config.access_points.values(),
        schedules=schedules.all_schedules(asker.acting),
    )
