"""A person's category and qualifications, between the fields on the person's form and the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from controller.errors import N_, BadInput
from controller.model.rule_book import RuleBook
from controller.services import validity
from controller.services.field_errors import FieldErrors
from controller.services.people.standing import Standing
from web.words.words import Words

FIELDS = ("category", "qualifications")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One qualification and the last day of it; the form sends both fields for every row."""

    name: str
    label: str
    until: str


def values(standing: Standing) -> dict[str, str | Sequence[str]]:
    besides = [name for name in ("overrides", "more_time") if getattr(standing, name)]
    return {"category": standing.category or "", "besides": besides}


def parse_standing(
    category: str, names: Sequence[str], untils: Sequence[str], besides: Sequence[str]
) -> Standing:
    """Raise BadInput for an invalid day."""
    with FieldErrors() as fields:
        days = [(name, fields.check(_day, text)) for name, text in zip(names, untils, strict=False)]
    held = tuple(sorted((name, until) for name, until in days if until is not None))
    return Standing(category or None, held, "overrides" in besides, "more_time" in besides)


def _day(text: str) -> date | None:
    try:
        return validity.day("qualifications", text)
    except BadInput:
        raise BadInput(
            "qualifications", N_("“{text}” is not a date; enter it as 2027-03-31."), text=text
        ) from None


def categories(book: RuleBook, standing: Standing, words: Words) -> list[tuple[str, str]]:
    """Those of the rules in force, and the person's own where they no longer have it."""
    found = [(one.name, words.label(one)) for one in book.categories.values()]
    if standing.category is not None and standing.category not in book.categories:
        found.append((standing.category, standing.category))
    return found


def held_rows(
    book: RuleBook, standing: Standing, words: Words, sent: Sequence[str] | None = None
) -> list[HeldRow]:
    """`sent` are the days as they were typed, to be shown again."""
    until = dict(standing.qualifications)
    labels = {one.name: words.label(one) for one in book.qualifications.values()}
    names = [*labels, *(name for name in until if name not in labels)]
    texts = [until[name].isoformat() if name in until else "" for name in names]
    days = list(sent) if sent is not None and len(sent) == len(names) else texts
    return [HeldRow(name, labels.get(name, name), text) for name, text in zip(names, days, strict=True)]
