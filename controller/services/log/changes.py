"""The page of changes: operators' actions with the values before and after, and the names for references."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from controller.model.events import Json
from controller.model.orders import OperatorAction
from controller.model.rule_book import RuleBook
from controller.registry import actions, badges, levels, operators, people, schedules
from controller.services.acting import Acting
from controller.services.rights import Right

__all__ = ["OperatorAction", "ReferenceNames", "names", "page"]

_REFERENCE = re.compile(r"[0-9a-f]{16}")
_AREAS, _CATEGORIES = ("area", "within"), ("category",)


@dataclass(frozen=True, slots=True)
class ReferenceNames:
    """The present names of references, and the rules whose labels name areas and categories."""

    of: dict[str, str] = field(default_factory=dict)
    book: RuleBook = field(default_factory=RuleBook)


def page(
    acting: Acting,
    before: int | None = None,
    limit: int = 50,
    person: str | None = None,
) -> tuple[OperatorAction, ...]:
    """Newest first, those before row `before`. Views of the log are in the log, not here.

    `person`: only actions on the person with this reference, or on that person's badges.
    """
    acting.require(Right.VIEW_CHANGES)
    with acting.site.registry.read() as db:
        about = None
        if person is not None:
            about = [person, *(badge.id for badge in badges.badges_of(db, person))]
        return tuple(actions.actions_before(db, before, limit, about))


def names(acting: Acting, listed: Sequence[OperatorAction]) -> ReferenceNames:
    acting.require(Right.VIEW_CHANGES)
    values = [value for action in listed for value in _values(action)]
    wanted = {text for _, text in values if _REFERENCE.fullmatch(text)}
    with acting.site.registry.read() as db:
        found = {id_: one.text for id_, one in people.identities(db, wanted).items()}
        found |= {id_: name for name, id_ in levels.level_ids_by_name(db).items() if id_ in wanted}
        found |= {one.id: one.name for one in schedules.all_schedules(db) if one.id in wanted}
        found |= {one.id: one.display_name for one in operators.all_operators(db) if one.id in wanted}
        for id_ in wanted - {*found}:
            if (badge := badges.badge(db, id_)) is not None:
                found[id_] = f"…{badge.last_four} ({badge.person_name})"
        areas = {name for key, text in values if key in _AREAS for name in text.split(",")}
        categories = {text for key, text in values if key in _CATEGORIES}
        return ReferenceNames(found, acting.site.earlier_labels.book_with_labels(db, areas, categories))


def _values(action: OperatorAction) -> Iterator[tuple[str, str]]:
    yield "object", action.object_id or ""
    for side in (action.before, action.after):
        for key, value in (side or {}).items():
            yield from _texts(key, value)


def _texts(key: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(key, item)
