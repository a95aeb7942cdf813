"""People: find, add, change, suspend."""

from datetime import date
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, NotFound, OperatorError
from controller.model.operators import MACHINE
from controller.services import levels as access_levels
from controller.services import people
from web.change_rows import operator_text
from web.forms import Form
from web.guard import Asker, guarded_router
from web.render import show
from web.times import local_day
from web.visitor import Visitor

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
Several = Annotated[list[str], Field(max_length=500)]
EMPTY: list[str] = []
FIELDS = ("name", "kana", "levels")


@router.get("/people")
def people_page(request: Request, asker: Asker, q: str = "", after: str = "") -> Response:
    found = people.search(asker.house, asker.operator, asker.now, text=q.strip(), after=after or None)
    return show(
        request, "people.html", found=found, q=q.strip(), is_first_page=not after, today=_today(asker)
    )


@router.get("/people/new")
def new_person(request: Request, asker: Asker) -> Response:
    return show(request, "person_form.html", form=Form(), person=None, levels=_levels(asker))


@router.post("/people/new")
def add_person(
    request: Request, asker: Asker, name: Text = "", kana: Text = "", levels: Several = EMPTY
) -> Response:
    form = Form({"name": name, "kana": kana, "levels": levels}, fields=FIELDS)
    try:
        person = people.add(asker.house, asker.operator, asker.now, name, kana, levels)
    except OperatorError as error:
        status = form.refuse(error)
        return show(request, "person_form.html", status, form=form, person=None, levels=_levels(asker))
    return RedirectResponse(f"/people/{person.id}?done=added", status_code=303)


@router.get("/people/{person_id}")
def person_page(request: Request, asker: Asker, person_id: str) -> Response:
    """Of somebody who was erased it says so, and how far the door has come."""
    try:
        person = people.get(asker.house, asker.operator, asker.now, person_id)
    except NotFound:
        erasure = people.erasure(asker.house, asker.operator, person_id)
        if erasure is None:
            raise
        by = erasure.operator_name
        who = operator_text(MACHINE.id if by == MACHINE.display_name else None, by, asker.language)
        return show(request, "person_erased.html", erasure=erasure, by=who)
    return show(request, "person.html", person=person, today=_today(asker))


@router.get("/people/{person_id}/edit")
def edit_page(request: Request, asker: Asker, person_id: str) -> Response:
    person = people.get(asker.house, asker.operator, asker.now, person_id)
    values = {"name": person.name, "kana": person.kana, "levels": [level.id for level in person.levels]}
    return show(request, "person_form.html", form=Form(values), person=person, levels=_levels(asker))


@router.post("/people/{person_id}/edit")
def edit_person(
    request: Request,
    asker: Asker,
    person_id: str,
    name: Text = "",
    kana: Text = "",
    levels: Several = EMPTY,
) -> Response:
    form = Form({"name": name, "kana": kana, "levels": levels}, fields=FIELDS)
    try:
        people.edit(asker.house, asker.operator, asker.now, person_id, name, kana, levels)
    except NotFound:
        raise
    except OperatorError as error:
        person = people.get(asker.house, asker.operator, asker.now, person_id)
        status = form.refuse(error)
        return show(request, "person_form.html", status, form=form, person=person, levels=_levels(asker))
    return RedirectResponse(f"/people/{person_id}?done=saved", status_code=303)


@router.post("/people/{person_id}/suspend")
def suspend(asker: Asker, person_id: str, reason: Text = "") -> Response:
    people.suspend(asker.house, asker.operator, asker.now, person_id, reason)
    return RedirectResponse(f"/people/{person_id}?done=suspended", status_code=303)


@router.post("/people/{person_id}/resume")
def resume(asker: Asker, person_id: str, reason: Text = "") -> Response:
    people.resume(asker.house, asker.operator, asker.now, person_id, reason)
    return RedirectResponse(f"/people/{person_id}?done=resumed", status_code=303)


@router.get("/people/{person_id}/erase")
def erase_page(request: Request, asker: Asker, person_id: str) -> Response:
    person = people.get(asker.house, asker.operator, asker.now, person_id)
    return show(request, "person_erase.html", form=Form(), person=person)


@router.post("/people/{person_id}/erase")
def erase_person(
    request: Request, asker: Asker, person_id: str, reason: Text = "", sure: Text = ""
) -> Response:
    form = Form({"reason": reason}, fields=("reason", "sure"))
    try:
        if sure != "yes":
            raise BadInput("sure", N_("Tick the box, so that nobody is erased by a slip."))
        people.erase(asker.house, asker.operator, asker.now, person_id, reason)
    except NotFound:
        raise
    except OperatorError as error:
        person = people.get(asker.house, asker.operator, asker.now, person_id)
        return show(request, "person_erase.html", form.refuse(error), form=form, person=person)
    return RedirectResponse(f"/people/{person_id}?done=erased", status_code=303)


def _today(asker: Visitor) -> date:
    return local_day(asker.now.utc, asker.house.config.site.time_zone)


def _levels(asker: Visitor) -> list[tuple[str, str]]:
    every = access_levels.all_levels(asker.house, asker.operator, asker.now)
    return [(level.id, level.name) for level in every]
