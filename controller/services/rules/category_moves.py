"""Categories that people hold and the next rules no longer contain.

Publishing moves these people to another category, or is refused. Changing a category's code is such a
case: the old one disappears and a new one appears.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.errors import N_, BadInput
from controller.model.finding_names import CategoryName
from controller.model.orders import ActionType
from controller.model.rule_book import Category, RuleBook, Rules
from controller.model.rules.setting import NameOf
from controller.registry import rule_books, standing
from controller.registry.database import Connection
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.rules.findings import Finding

Moves = Mapping[str, str]
"""Codes: removed category to its replacement."""
NO_MOVES: Moves = {}
WHERE = "categories."  # prefix of `Finding.where`; the category's name follows


@dataclass(frozen=True)
class Vanishing:
    """`likely`: the new category, if there is exactly one."""

    category: Category
    people: int
    likely: str | None


def vanishing(acting: Acting, book: RuleBook) -> tuple[Vanishing, ...]:
    """The categories in force that people hold and `book` no longer contains."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        before, held = rule_books.newest_book(db), standing.category_counts(db)
    added = [name for name in book.categories if name not in before.categories]
    likely = added[0] if len(added) == 1 else None
    return tuple(
        Vanishing(one, held[name], likely)
        for name, one in before.categories.items()
        if name not in book.categories and held.get(name)
    )


def vanished(book: RuleBook, before: RuleBook, db: Connection) -> Iterator[Finding]:
    for name, count in standing.category_counts(db).items():
        if name in before.categories and name not in book.categories:
            yield Finding(
                WHERE + name,
                N_(
                    "The category {name} would be removed, but people belong to it ({count}); choose a "
                    "category for them."
                ),
                {"name": CategoryName(name), "count": count},
            )


def move(acting: Acting, db: Connection, book: RuleBook, moves: Moves) -> None:
    """Move people within the transaction that publishes `book`; record each person's change."""
    for before, after in moves.items():
        if after not in book.categories:
            raise BadInput(
                f"move.{before}",
                N_("There is no category {name}; add it, or remove it from the rule."),
                name=after,
            )
        if before in book.categories:
            raise BadInput(
                f"move.{before}",
                N_(
                    "The category {name} stays, so its people cannot be moved together; change them one "
                    "by one."
                ),
                name=before,
            )
        for person, name in standing.people_in_category(db, before):
            acting.record(
                db,
                ActionType.PERSON_CHANGED,
                "person",
                person,
                before={"category": before},
                after={"category": after},
                about={"name": name},
            )
        standing.move_category(db, before, after)


def with_categories_renamed(book: RuleBook, renamed: Moves) -> RuleBook:
    """Rename the categories in rules and door modes; the categories themselves stay unchanged."""
    changed = {before: after for before, after in renamed.items() if before != after}
    if not changed:
        return book
    areas = {name: replace(one, rules=_renamed(one.rules, changed)) for name, one in book.areas.items()}
    doors = {
        name: replace(
            one,
            rules=_renamed(one.rules, changed),
            scheduled=tuple(
                replace(mode, first_person=_names(mode.first_person, changed)) for mode in one.scheduled
            ),
        )
        for name, one in book.doors.items()
    }
    return replace(book, areas=areas, doors=doors)


def _renamed(rules: Rules, changed: Moves) -> Rules:
    found = {}
    for name, setting in rules.items():
        fields: dict[str, Any] = {
            field: _names(getattr(setting, field), changed)
            for field in setting.fields_naming(NameOf.CATEGORY)
        }
        found[name] = replace(setting, **fields)
    return found


def _names(names: tuple[str, ...], changed: Moves) -> tuple[str, ...]:
    return tuple(dict.fromkeys(changed.get(one, one) for one in names))
