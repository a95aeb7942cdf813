"""The rules: the version in force, the draft, and every earlier version."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import BadInput, Conflict, OperatorError
from controller.model.rule_book import RuleBook
from controller.services.rules import books as rule_books
from controller.services.rules import category_moves
from controller.services.rules import draft as rule_draft
from controller.services.rules.draft import Draft
from controller.services.rules.findings import RulesRefused
from controller.services.rules.requests import BringBackRules, DiscardDraft, PublishDraft
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.roles import ROLES
from web.frame.sent_form import Sent, first
from web.frame.visitor import Visitor
from web.rules.changes import rule_changes
from web.rules.findings import FindingLine, finding_lines
from web.rules.views import book_view
from web.words.change_rows import operator_text

router = guarded_router()
REHEARSAL = "/rules/rehearse"
MOVE = "move."  # fields with the new category for the people of a removed one


@router.get("/rules")
def rules_page(request: Request, asker: Asker) -> Response:
    book = rule_books.newest(asker.acting)
    versions = rule_books.versions(asker.acting)
    found = _findings(asker, book) if versions else []
    return show(
        request,
        "rules.html",
        problems=[one for one in found if not one.is_warning],
        warnings=[one for one in found if one.is_warning],
        book=_view(asker, book),
        published=versions[0] if versions else None,
        by=_by(asker, versions[0].operator_name) if versions else "",
        draft=rule_draft.get(asker.acting),
    )


@router.get("/rules/draft")
def draft_page(request: Request, asker: Asker) -> Response:
    draft = rule_draft.get(asker.acting)
    if draft is None:
        return RedirectResponse("/rules", status_code=303)
    return _draft(request, asker, draft, Form(), mark=draft.mark)


@router.post("/rules/draft/publish")
def publish(request: Request, asker: Asker, sent: Sent) -> Response:
    form, note, anyway = _sent(sent)
    try:
        version = asker.send(
            PublishDraft(seen=first(sent, "mark"), note=note, heed_warnings=not anyway, moves=_moves(sent))
        )
    except (RulesRefused, Conflict, BadInput) as error:
        return _refused(request, asker, form, error, seen=first(sent, "mark"))
    return RedirectResponse(f"/rules/versions/{version}?done=rules_published", status_code=303)


@router.post("/rules/draft/discard")
def discard(request: Request, asker: Asker, sent: Sent) -> Response:
    try:
        asker.send(DiscardDraft(seen=first(sent, "seen")))
    except Conflict as error:
        return _refused(request, asker, Form(), error, seen=first(sent, "seen"))
    return RedirectResponse("/rules?done=draft_discarded", status_code=303)


@router.get("/rules/versions")
def versions_page(request: Request, asker: Asker) -> Response:
    versions = [(one, _by(asker, one.operator_name)) for one in rule_books.versions(asker.acting)]
    return show(request, "rule_versions.html", versions=versions)


@router.get("/rules/versions/{version}")
def version_page(request: Request, asker: Asker, version: int) -> Response:
    return _version(request, asker, version, Form())


@router.post("/rules/versions/{version}/bring-back")
def bring_back(request: Request, asker: Asker, version: int, sent: Sent) -> Response:
    form, note, anyway = _sent(sent)
    rule_books.book(asker.acting, version)
    seen = first(sent, "seen")
    try:
        new = asker.send(
            BringBackRules(
                version=version, note=note, heed_warnings=not anyway, moves=_moves(sent), seen=seen
            )
        )
    except (RulesRefused, Conflict, BadInput) as error:
        seen = "" if isinstance(error, Conflict) else seen
        return _version(request, asker, version, form, status=form.refuse(error), seen=seen)
    return RedirectResponse(f"/rules/versions/{new}?done=rules_published", status_code=303)


def _sent(sent: Sent) -> tuple[Form, str, bool]:
    """Return the form as sent, the note, and whether to publish despite warnings."""
    moves = [name for name in sent if name.startswith(MOVE)]
    form = Form({name: first(sent, name) for name in ("note", *moves)}, fields=("note", *moves))
    return form, first(sent, "note"), first(sent, "anyway") == "yes"


def _moves(sent: Sent) -> dict[str, str]:
    named = {name.removeprefix(MOVE): first(sent, name) for name in sent if name.startswith(MOVE)}
    return {before: after for before, after in named.items() if after}


def _vanishing(asker: Visitor, book: RuleBook, form: Form) -> list[tuple[str, int, str]]:
    """Return the categories that people would lose: label, number of people, field for their new category."""
    found = category_moves.vanishing(asker.acting, book)
    for one in found:
        if MOVE + one.category.name not in form.values and one.likely:
            form.values = {**form.values, MOVE + one.category.name: one.likely}
    return [(asker.words.label(one.category), one.people, MOVE + one.category.name) for one in found]


def _categories(asker: Visitor, book: RuleBook) -> list[tuple[str, str]]:
    return [(one.name, asker.words.label(one)) for one in book.categories.values()]


def _refused(request: Request, asker: Visitor, form: Form, error: OperatorError, seen: str) -> Response:
    """Only an operator who was shown a change by others gets the current mark of the draft."""
    draft = rule_draft.get(asker.acting)
    if draft is None:
        raise error
    mark = draft.mark if isinstance(error, Conflict) else seen
    return _draft(request, asker, draft, form, mark=mark, status=form.refuse(error))


def _draft(
    request: Request, asker: Visitor, draft: Draft, form: Form, mark: str, status: int = 200
) -> Response:
    versions = rule_books.versions(asker.acting)
    newer = versions[0] if versions and versions[0].version != draft.based_on else None
    findings = _findings(asker, draft.book)
    return show(
        request,
        "rule_draft.html",
        status,
        form=form,
        draft=draft,
        mark=mark,
        by=_by(asker, draft.operator_name),
        newer=newer,
        newer_by=_by(asker, newer.operator_name) if newer else "",
        problems=[one for one in findings if not one.is_warning and not _is_vanishing(one)],
        warnings=[one for one in findings if one.is_warning],
        vanishing=_vanishing(asker, draft.book, form),
        categories=_categories(asker, draft.book),
        changes=_changes(asker, rule_books.newest(asker.acting), draft.book),
        rehearsal=REHEARSAL if ("GET", REHEARSAL) in ROLES else None,
    )


def _version(
    request: Request, asker: Visitor, version: int, form: Form, status: int = 200, seen: str = ""
) -> Response:
    """`seen`: the version in force that was compared with before; empty: the one that is now."""
    book = rule_books.book(asker.acting, version)
    published = next(one for one in rule_books.versions(asker.acting) if one.version == version)
    newest = rule_books.newest(asker.acting)
    return show(
        request,
        "rule_version.html",
        status,
        form=form,
        book=_view(asker, book),
        seen=seen or str(newest.version),
        published=published,
        by=_by(asker, published.operator_name),
        in_force=newest.version == version,
        changes=_changes(asker, newest, book),
        findings=[one for one in _findings(asker, book) if not _is_vanishing(one)],
        vanishing=_vanishing(asker, book, form),
        categories=_categories(asker, book),
    )


def _findings(asker: Visitor, book: RuleBook) -> list[FindingLine]:
    found = rule_books.findings(asker.acting, book)
    return finding_lines(found, asker.words.by(book), rule_books.newest(asker.acting))


def _is_vanishing(one: FindingLine) -> bool:
    """The form asks for it, so the page does not show it beside the form."""
    return one.where.startswith(category_moves.WHERE)


def _view(asker: Visitor, book: RuleBook) -> object:
    people = rule_books.headcount(asker.acting)
    return book_view(book, asker.site.config, asker.words, people)


def _changes(asker: Visitor, before: RuleBook, after: RuleBook) -> list[tuple[object, int | None]]:
    """Each with how many people it matters to, where it is a rule."""
    people = rule_books.headcount(asker.acting)
    found = rule_changes(before, after, asker.words)
    return [(one, one.rule[1].reach(after, people) if one.rule is not None else None) for one in found]


def _by(asker: Visitor, name: str) -> str:
    from controller.model.operators import MACHINE

    return operator_text(MACHINE.id if name == MACHINE.display_name else None, name, asker.words)
