"""The rules of the floor: what is in force, the draft of what follows, and every earlier version."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import BadInput, Conflict, OperatorError
from controller.model.rule_book import RuleBook
from controller.services import rule_books, rule_draft, rule_reach
from controller.services.rule_draft import Draft
from controller.services.rule_findings import RulesRefused
from web.change_rows import operator_text
from web.forms import Form
from web.guard import Asker, guarded_router
from web.render import show
from web.roles import ROLES
from web.rule_changes import rule_changes
from web.rule_views import book_view, place
from web.visitor import Visitor

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
REHEARSAL = "/rules/rehearse"


@router.get("/rules")
def rules_page(request: Request, asker: Asker) -> Response:
    book = rule_books.newest(asker.house, asker.operator)
    versions = rule_books.versions(asker.house, asker.operator)
    return show(
        request,
        "rules.html",
        book=_view(asker, book),
        published=versions[0] if versions else None,
        by=_by(asker, versions[0].operator_name) if versions else "",
        draft=rule_draft.get(asker.house, asker.operator),
    )


@router.get("/rules/draft")
def draft_page(request: Request, asker: Asker) -> Response:
    draft = rule_draft.get(asker.house, asker.operator)
    if draft is None:
        return RedirectResponse("/rules", status_code=303)
    return _draft(request, asker, draft, Form())


@router.post("/rules/draft/publish")
def publish(request: Request, asker: Asker, mark: Text = "", note: Text = "", anyway: Text = "") -> Response:
    form = Form({"note": note}, fields=("note",))
    try:
        version = rule_draft.publish(asker.house, asker.operator, asker.now, mark, note, anyway != "yes")
    except RulesRefused as error:
        return _refused(request, asker, form, error)
    except (Conflict, BadInput) as error:
        return _refused(request, asker, form, error)
    return RedirectResponse(f"/rules/versions/{version}?done=rules_published", status_code=303)


@router.post("/rules/draft/discard")
def discard(asker: Asker) -> Response:
    rule_draft.discard(asker.house, asker.operator)
    return RedirectResponse("/rules?done=draft_discarded", status_code=303)


@router.get("/rules/versions")
def versions_page(request: Request, asker: Asker) -> Response:
    versions = [
        (one, _by(asker, one.operator_name)) for one in rule_books.versions(asker.house, asker.operator)
    ]
    return show(request, "rule_versions.html", versions=versions)


@router.get("/rules/versions/{version}")
def version_page(request: Request, asker: Asker, version: int) -> Response:
    return _version(request, asker, version, Form())


@router.post("/rules/versions/{version}/bring-back")
def bring_back(request: Request, asker: Asker, version: int, note: Text = "", anyway: Text = "") -> Response:
    form = Form({"note": note}, fields=("note",))
    book = rule_books.book(asker.house, asker.operator, version)
    try:
        new = rule_books.publish(asker.house, asker.operator, asker.now, book, note, anyway != "yes")
    except (RulesRefused, BadInput) as error:
        return _version(request, asker, version, form, form.refuse(error))
    return RedirectResponse(f"/rules/versions/{new}?done=rules_published", status_code=303)


def _refused(request: Request, asker: Visitor, form: Form, error: OperatorError) -> Response:
    draft = rule_draft.get(asker.house, asker.operator)
    if draft is None:
        raise error
    return _draft(request, asker, draft, form, form.refuse(error))


def _draft(request: Request, asker: Visitor, draft: Draft, form: Form, status: int = 200) -> Response:
    versions = rule_books.versions(asker.house, asker.operator)
    newer = versions[0] if versions and versions[0].version != draft.based_on else None
    findings = rule_books.findings(asker.house, asker.operator, asker.now, draft.book)
    return show(
        request,
        "rule_draft.html",
        status,
        form=form,
        draft=draft,
        by=_by(asker, draft.operator_name),
        newer=newer,
        newer_by=_by(asker, newer.operator_name) if newer else "",
        problems=[one for one in findings if not one.is_warning],
        warnings=[one for one in findings if one.is_warning],
        changes=_changes(asker, rule_books.newest(asker.house, asker.operator), draft.book),
        rehearsal=REHEARSAL if ("GET", REHEARSAL) in ROLES else None,
    )


def _version(request: Request, asker: Visitor, version: int, form: Form, status: int = 200) -> Response:
    book = rule_books.book(asker.house, asker.operator, version)
    published = next(
        one for one in rule_books.versions(asker.house, asker.operator) if one.version == version
    )
    newest = rule_books.newest(asker.house, asker.operator)
    return show(
        request,
        "rule_version.html",
        status,
        form=form,
        book=_view(asker, book),
        published=published,
        by=_by(asker, published.operator_name),
        in_force=newest.version == version,
        changes=_changes(asker, newest, book),
        findings=rule_books.findings(asker.house, asker.operator, asker.now, book),
    )


def _view(asker: Visitor, book: RuleBook) -> object:
    people = rule_reach.people(asker.house, asker.operator, asker.now)
    return book_view(book, asker.house.config, asker.language, people)


def _changes(asker: Visitor, before: RuleBook, after: RuleBook) -> list[tuple[object, int | None]]:
    """Each with how many people it matters to, where it is a rule."""
    people = rule_reach.people(asker.house, asker.operator, asker.now)
    config = asker.house.config
    found = rule_changes(before, after, asker.language, place(config, asker.language), config.site.day_ends)
    return [
        (one, rule_reach.reach(one.rule[1], after, people) if one.rule is not None else None) for one in found
    ]


def _by(asker: Visitor, name: str) -> str:
    from controller.model.operators import MACHINE

    return operator_text(MACHINE.id if name == MACHINE.display_name else None, name, asker.language)
