"""An area of the rules: its labels, entries, exits and rules. Saved to the draft."""

import re

from starlette.requests import Request
from starlette.responses import Response

from controller.errors import N_, BadInput, Conflict, NotFound, OperatorError
from controller.model.rule_book import Area, RuleBook
from controller.model.rule_book_form import to_plain
from controller.services import typed_texts
from controller.services.field_errors import FieldErrors
from controller.services.rules import draft as rule_draft
from controller.services.rules.requests import RemoveDraftArea, SaveDraftArea
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.sent_form import Sent, first
from web.frame.visitor import Visitor
from web.rules import form as rule_form
from web.rules.draft_form import save, saved

router = guarded_router()
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


@router.get("/rules/areas/new")
def new_area(request: Request, asker: Asker) -> Response:
    return _form(request, asker, Form(dict(rule_form.form_values({}))), area=None, seen="")


@router.post("/rules/areas/new")
def add_area(request: Request, asker: Asker, sent: Sent) -> Response:
    form = _sent_form(sent)
    try:
        with FieldErrors() as fields:
            name = fields.check(_free_name, rule_draft.edited(asker.acting), first(sent, "name"))
            area = fields.check(_parse_area, sent, name)
        asker.send(_save(area, seen=""))
    except OperatorError as error:
        return _form(request, asker, form, area=None, seen="", status=form.refuse(error))
    return saved()


@router.get("/rules/areas/{area}")
def area_page(request: Request, asker: Asker, area: str) -> Response:
    book = rule_draft.edited(asker.acting)
    found = _require_area(book, area)
    values = {"label_en": found.label_en, "label_ja": found.label_ja, "within": found.within}
    lists = {"entries": found.entries, "exits": found.exits}
    form = Form(values | lists | rule_form.form_values(found.rules))
    return _form(request, asker, form, area=found, seen=rule_draft.mark(book, rule_draft.area(area)))


@router.post("/rules/areas/{area}")
def edit_area(request: Request, asker: Asker, area: str, sent: Sent) -> Response:
    form, found = _sent_form(sent), _require_area(rule_draft.edited(asker.acting), area)
    return save(
        asker,
        sent,
        part=rule_draft.area(area),
        parse=lambda seen: _save(_parse_area(sent, found.name), seen),
        show_again=lambda seen, error: _form(
            request, asker, form, area=found, seen=seen, status=form.refuse(error)
        ),
    )


@router.post("/rules/areas/{area}/remove")
def remove_area(asker: Asker, area: str, sent: Sent) -> Response:
    _require_area(rule_draft.edited(asker.acting), area)
    try:
        asker.send(RemoveDraftArea(area=area, seen=first(sent, "seen")))
    except Conflict as error:
        raise Conflict(
            N_(
                "Somebody changed the area after you opened its page, so it was not removed; open the "
                "page again."
            )
        ) from error
    return saved()


def parse_name(text: str, field: str = "name") -> str:
    """Return the code of an area, a category or a qualification in files and the log."""
    name = text.strip()
    if not NAME.fullmatch(name):
        raise BadInput(field, N_("The code must be 1 to 32 of a-z, 0-9 and hyphens."))
    return name


def _free_name(book: RuleBook, text: str) -> str:
    name = parse_name(text)
    if name in book.areas:
        raise BadInput("name", N_("There is already an area {name}; choose another code."), name=name)
    return name


def _save(area: Area, seen: str) -> SaveDraftArea:
    return SaveDraftArea(part=to_plain(RuleBook(areas={area.name: area})), seen=seen)


def _parse_area(sent: Sent, name: str) -> Area:
    with FieldErrors() as fields:
        label_en = fields.check(typed_texts.name_text, "label_en", first(sent, "label_en"))
        label_ja = fields.check(typed_texts.name_text, "label_ja", first(sent, "label_ja"))
        rules = fields.check(rule_form.parse_rules, sent)
    return Area(
        name=name,
        label_en=label_en,
        label_ja=label_ja,
        entries=tuple(sent.get("entries", ())),
        exits=tuple(sent.get("exits", ())),
        rules=rules,
        within=first(sent, "within"),
    )


def _sent_form(sent: Sent) -> Form:
    values = {name: values[0] if len(values) == 1 else list(values) for name, values in sent.items()}
    return Form(values, fields=("name", "label_ja", "label_en", "within", *rule_form.NAMES))


def _require_area(book: RuleBook, name: str) -> Area:
    found = book.areas.get(name)
    if found is None:
        raise NotFound(N_("There is no area {name} in the rules; choose one from the list."), name=name)
    return found


def _form(
    request: Request, asker: Visitor, form: Form, area: Area | None, seen: str, status: int = 200
) -> Response:
    return show(
        request,
        "rule_area.html",
        status,
        form=form,
        area=area,
        seen=seen,
        around=[
            (one.name, asker.words.label(one))
            for one in rule_draft.edited(asker.acting).areas.values()
            if area is None or one.name != area.name
        ],
        points=asker.site.config.access_points.values(),
        rules=rule_form.rule_choices(asker, area.rules if area else {}, of_a_door=False),
    )
