"""People: find, add, change, suspend."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, NotFound, OperatorError
from controller.model.operators import MACHINE
from controller.services import validity
from controller.services.access import level_times
from controller.services.access import levels as access_levels
from controller.services.access.requests import HoldLevel
from controller.services.field_errors import FieldErrors
from controller.services.people import erasing, people, pins
from controller.services.people.requests import (
    AddPerson,
    CancelErasure,
    EditPerson,
    FollowErasure,
    RequestErasure,
    ResumePerson,
    SuspendPerson,
)
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.rules import standing_form
from web.words.change_rows import operator_text
from web.words.times import local_day

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
Several = Annotated[list[str], Field(max_length=500)]
EMPTY: list[str] = []
FIELDS = ("name", "kana", "levels", *standing_form.FIELDS)


@router.get("/people")
def people_page(request: Request, asker: Asker, q: str = "", after: str = "", overdue: str = "") -> Response:
    late = level_times.overdue(asker.acting)
    if overdue:
        some = tuple(people.get(asker.acting, one) for one in late)
        found = people.PeoplePage(some, None)
        return _people(request, asker, found, q="", is_first_page=True, late=late, only_late=True)
    found = people.search(asker.acting, text=q.strip(), after=after or None)
    return _people(request, asker, found, q=q.strip(), is_first_page=not after, late=late, only_late=False)


def _people(
    request: Request,
    asker: Visitor,
    found: people.PeoplePage,
    q: str,
    is_first_page: bool,
    late: Sequence[str],
    only_late: bool,
) -> Response:
    return show(
        request,
        "people.html",
        found=found,
        q=q,
        is_first_page=is_first_page,
        today=_today(asker),
        now=asker.now.utc,
        late=late,
        only_late=only_late,
        erasures=erasing.all_pending(asker.acting) if is_first_page and not q and not only_late else (),
        who=lambda one: operator_text(one.operator_id, one.operator_name, asker.words),
    )


@router.get("/people/new")
def new_person(request: Request, asker: Asker) -> Response:
    return _form(request, asker, Form(), None)


@router.post("/people/new")
def add_person(
    request: Request,
    asker: Asker,
    name: Text = "",
    kana: Text = "",
    levels: Several = EMPTY,
    category: Text = "",
    qualification: Several = EMPTY,
    holds_until: Several = EMPTY,
    besides: Several = EMPTY,
) -> Response:
    form = _sent(name, kana, levels, category, besides=besides)
    try:
        with FieldErrors() as fields:
            fields.check(people.refuse_bad, asker.acting, "", name, kana=kana, category=category)
            standing = fields.check(
                standing_form.parse_standing, category, qualification, holds_until, besides=besides
            )
        person = asker.send(AddPerson(name=name, kana=kana, levels=tuple(levels), standing=standing))
    except OperatorError as error:
        return _form(request, asker, form, person=None, status=form.refuse(error), sent=holds_until)
    return RedirectResponse(f"/people/{person.id}?done=added", status_code=303)


@router.get("/people/{person_id}")
def person_page(request: Request, asker: Asker, person_id: str) -> Response:
    """For an erased person, show that and the progress of the door."""
    try:
        person = people.get(asker.acting, person_id)
    except NotFound:
        erasure = asker.send(FollowErasure(person_id=person_id))
        if erasure is None:
            raise
        by = erasure.operator_name
        who = operator_text(MACHINE.id if by == MACHINE.display_name else None, by, asker.words)
        return show(request, "person_erased.html", erasure=erasure, by=who)
    return _person(request, asker, person, Form())


def _person(
    request: Request, asker: Visitor, person: people.Person, form: Form, status: int = 200
) -> Response:
    book = rule_books.newest(asker.acting)
    erasure = erasing.pending_of(asker.acting, person.id)
    return show(
        request,
        "person.html",
        status,
        form=form,
        person=person,
        erasure=erasure,
        erased_by=erasure and operator_text(erasure.operator_id, erasure.operator_name, asker.words),
        today=_today(asker),
        now=asker.now.utc,
        levels=[(level.id, level.name) for level in access_levels.all_levels(asker.acting)],
        pin=pins.state(asker.acting, person.id),
        category=dict(standing_form.categories(book, person.standing, asker.words)).get(
            person.standing.category or ""
        ),
        held=[row for row in standing_form.held_rows(book, person.standing, asker.words) if row.until],
    )


@router.get("/people/{person_id}/edit")
def edit_page(request: Request, asker: Asker, person_id: str) -> Response:
    person = people.get(asker.acting, person_id)
    values = {"name": person.name, "kana": person.kana, "levels": [level.id for level in person.levels]}
    return _form(request, asker, Form(values | standing_form.values(person.standing)), person)


@router.post("/people/{person_id}/edit")
def edit_person(
    request: Request,
    asker: Asker,
    person_id: str,
    name: Text = "",
    kana: Text = "",
    levels: Several = EMPTY,
    category: Text = "",
    qualification: Several = EMPTY,
    holds_until: Several = EMPTY,
    besides: Several = EMPTY,
) -> Response:
    form = _sent(name, kana, levels, category, besides=besides)
    try:
        with FieldErrors() as fields:
            fields.check(people.refuse_bad, asker.acting, person_id, name, kana=kana, category=category)
            standing = fields.check(
                standing_form.parse_standing, category, qualification, holds_until, besides=besides
            )
        asker.send(
            EditPerson(person_id=person_id, name=name, kana=kana, levels=tuple(levels), standing=standing)
        )
    except NotFound:
        raise
    except OperatorError as error:
        person = people.get(asker.acting, person_id)
        return _form(request, asker, form, person, status=form.refuse(error), sent=holds_until)
    return RedirectResponse(f"/people/{person_id}?done=saved", status_code=303)


@router.post("/people/{person_id}/levels")
def hold_level(
    request: Request, asker: Asker, person_id: str, level: Text = "", since: Text = "", until: Text = ""
) -> Response:
    form = Form({"level": level, "since": since, "until": until}, fields=("level", "since", "until"))
    zone = asker.site.config.site.time_zone
    try:
        with FieldErrors() as fields:
            first = fields.check(validity.limit, "since", since, zone)
            last = fields.check(validity.limit, "until", until, zone)
        start, end = validity.moments(first, last, zone, ("since", "until"))
        asker.send(HoldLevel(person_id=person_id, level=level, start=start, end=end))
    except OperatorError as error:
        person = people.get(asker.acting, person_id)  # raises an error if missing
        return _person(request, asker, person, form, status=form.refuse(error))
    return RedirectResponse(f"/people/{person_id}?done=saved", status_code=303)


@router.post("/people/{person_id}/suspend")
def suspend(asker: Asker, person_id: str, reason: Text = "") -> Response:
    asker.send(SuspendPerson(person_id=person_id, reason=reason))
    return RedirectResponse(f"/people/{person_id}?done=suspended", status_code=303)


@router.post("/people/{person_id}/resume")
def resume(asker: Asker, person_id: str, reason: Text = "") -> Response:
    asker.send(ResumePerson(person_id=person_id, reason=reason))
    return RedirectResponse(f"/people/{person_id}?done=resumed", status_code=303)


@router.get("/people/{person_id}/erase")
def erase_page(request: Request, asker: Asker, person_id: str) -> Response:
    return _erase_form(request, asker, person_id, Form())


@router.post("/people/{person_id}/erase")
def erase_person(
    request: Request, asker: Asker, person_id: str, reason: Text = "", sure: Text = ""
) -> Response:
    form = Form({"reason": reason}, fields=("reason", "sure"))
    try:
        if sure != "yes":
            raise BadInput("sure", N_("Tick the box to confirm the erasure."))
        asker.send(RequestErasure(person_id=person_id, reason=reason))
    except NotFound:
        raise
    except OperatorError as error:
        return _erase_form(request, asker, person_id, form, status=form.refuse(error))
    return RedirectResponse(f"/people/{person_id}?done=erasure_asked", status_code=303)


@router.post("/people/{person_id}/erase/cancel")
def cancel_erasure(asker: Asker, person_id: str, reason: Text = "") -> Response:
    asker.send(CancelErasure(person_id=person_id, reason=reason))
    return RedirectResponse(f"/people/{person_id}?done=erasure_cancelled", status_code=303)


def _erase_form(request: Request, asker: Visitor, person_id: str, form: Form, status: int = 200) -> Response:
    person = people.get(asker.acting, person_id)
    days = asker.site.config.people.erase_after.days
    return show(request, "person_erase.html", status, form=form, person=person, days=days)


def _sent(name: str, kana: str, levels: Sequence[str], category: str, besides: Sequence[str]) -> Form:
    values = {"name": name, "kana": kana, "levels": levels, "category": category, "besides": besides}
    return Form(values, fields=FIELDS)


def _form(
    request: Request,
    asker: Visitor,
    form: Form,
    person: people.Person | None,
    status: int = 200,
    sent: Sequence[str] | None = None,
) -> Response:
    book = rule_books.newest(asker.acting)
    standing = person.standing if person else Standing()
    every = access_levels.all_levels(asker.acting)
    return show(
        request,
        "person_form.html",
        status,
        form=form,
        person=person,
        levels=[(level.id, level.name) for level in every],
        categories=standing_form.categories(book, standing, asker.words),
        held=standing_form.held_rows(book, standing, asker.words, sent),
    )


def _today(asker: Visitor) -> date:
    return local_day(asker.now.utc, asker.site.config.site.time_zone)
