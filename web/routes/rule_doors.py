"""A door of the rules: its modes by schedule, and rules in place of the area's. Saved to the draft."""

from starlette.requests import Request
from starlette.responses import Response

from controller.errors import N_, NotFound
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rule_book_form import to_plain
from controller.services.access import schedules
from controller.services.rules import draft as rule_draft
from controller.services.rules.requests import SaveDraftDoor
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.sent_form import Sent, first
from web.frame.visitor import Visitor
from web.rules import form as rule_form
from web.rules.draft_form import save

router = guarded_router()
SPARE = 2  # scheduled modes that can be filled in, besides those there are
NO_ROW = ("", DoorMode.CARD.value, ())


@router.get("/rules/doors/{door}")
def door_page(request: Request, asker: Asker, door: str) -> Response:
    book = rule_draft.edited(asker.acting)
    _require_door(asker, book, door)
    found = book.door(door)
    rows = [(one.schedule, one.mode.value, one.first_person) for one in found.scheduled]
    values = {"mode": found.mode.value} | rule_form.form_values(found.rules)
    return _form(
        request, asker, Form(values), door, rows=rows, seen=rule_draft.mark(book, rule_draft.door(door))
    )


@router.post("/rules/doors/{door}")
def edit_door(request: Request, asker: Asker, door: str, sent: Sent) -> Response:
    _require_door(asker, rule_draft.edited(asker.acting), door)
    rows = _rows(sent)
    values = {name: values[0] if len(values) == 1 else list(values) for name, values in sent.items()}
    form = Form(values, fields=rule_form.NAMES)
    return save(
        asker,
        sent,
        part=rule_draft.door(door),
        parse=lambda seen: _save(_parse_door(sent, door, rows), seen),
        show_again=lambda seen, error: _form(
            request, asker, form, door, rows=rows, seen=seen, status=form.refuse(error)
        ),
    )


Rows = list[tuple[str, str, tuple[str, ...]]]


def _parse_door(sent: Sent, door: str, rows: Rows) -> DoorRules:
    return DoorRules(
        door,
        _mode(first(sent, "mode")),
        tuple(ScheduledMode(schedule, _mode(mode), who) for schedule, mode, who in rows),
        rule_form.parse_rules(sent),
    )


def _save(door: DoorRules, seen: str) -> SaveDraftDoor:
    return SaveDraftDoor(part=to_plain(RuleBook(doors={door.door: door})), seen=seen)


def _rows(sent: Sent) -> Rows:
    """Return the rows; `first_person.N` belongs to row N, and rows without a schedule are skipped."""
    pairs = zip(sent.get("schedule", ()), sent.get("scheduled_mode", ()), strict=False)
    return [
        (schedule, mode, tuple(sent.get(f"first_person.{place}", ())))
        for place, (schedule, mode) in enumerate(pairs)
        if schedule
    ]


def _mode(text: str) -> DoorMode:
    return DoorMode(text) if text in [one.value for one in DoorMode] else DoorMode.CARD


def _require_door(asker: Visitor, book: RuleBook, name: str) -> None:
    """A door that genkan.toml no longer has can still be removed from the rules."""
    if name not in asker.site.config.doors and name not in book.doors:
        raise NotFound(N_("There is no door {door} in genkan.toml; choose another."), door=name)


def _form(
    request: Request, asker: Visitor, form: Form, door: str, rows: Rows, seen: str, status: int = 200
) -> Response:
    book = rule_draft.edited(asker.acting)
    return show(
        request,
        "rule_door.html",
        status,
        form=form,
        door=door,
        seen=seen,
        modes=list(DoorMode),
        rows=[*rows, *[NO_ROW] * SPARE],
        schedules=schedules.all_schedules(asker.acting),
        categories=[(one.name, asker.words.label(one)) for one in book.categories.values()],
        rules=rule_form.rule_choices(asker, book.door(door).rules, of_a_door=True),
    )
