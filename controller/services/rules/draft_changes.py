"""What one form of the rules changes in a rule book, from the part of a book that the form sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from controller.errors import BadRequest, Conflict
from controller.model.rule_book import DoorRules, RuleBook
from controller.model.rule_book_form import NotARuleBook, Plain, from_plain
from controller.services.rules.category_moves import Moves, with_categories_renamed

Change = Callable[[RuleBook], RuleBook]
T = TypeVar("T")


def read_part(plain: Plain) -> RuleBook:
    """Raise Conflict for a label that is too long or a malformed name."""
    try:
        return from_plain(plain)
    except NotARuleBook as error:
        raise Conflict("{problem}", problem=error) from error


def the_only(found: Mapping[str, T]) -> T:
    """The one area or door of a part. Raise BadRequest for none or several."""
    if len(found) != 1:
        raise BadRequest(f"The request holds {len(found)} areas or doors; it must hold one.")
    return next(iter(found.values()))


def with_area(part: RuleBook) -> Change:
    return lambda book: replace(book, areas={**book.areas, **part.areas})


def without_area(name: str) -> Change:
    return lambda book: replace(book, areas={key: one for key, one in book.areas.items() if key != name})


def with_door(door: DoorRules) -> Change:
    """A door with the default rules needs no entry."""

    def change(book: RuleBook) -> RuleBook:
        others = {name: one for name, one in book.doors.items() if name != door.door}
        return replace(book, doors=others if door == DoorRules(door.door) else {**others, door.door: door})

    return change


def with_categories(part: RuleBook, renamed: Moves) -> Change:
    """`renamed`: the earlier code of a category and its new one, which the rules then name."""
    return lambda book: replace(with_categories_renamed(book, renamed), categories=part.categories)


def with_qualifications(part: RuleBook) -> Change:
    return lambda book: replace(book, qualifications=part.qualifications)
