"""Labels of areas and categories that the rules in force no longer have, by the newest that had them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from controller.model.rule_book import Area, Category, RuleBook
from controller.registry import rule_books
from controller.registry.database import Connection

_VERSIONS = 200  # looked through at most; each is one small read


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found behind `book`, under each name that was looked for; None: no earlier version knew it."""

    book: RuleBook
    areas: Mapping[str, Area | None] = field(default_factory=dict)
    categories: Mapping[str, Category | None] = field(default_factory=dict)


class EarlierWords:
    """Safe to share between threads. A name is looked for once while the same rules are in force: a page that
    asks every two seconds costs no walk through the versions, whether one is found or not.
    """

    def __init__(self) -> None:
        self._looked = _Looked(RuleBook())

    def behind(
        self, db: Connection, areas: Collection[str], categories: Collection[str | None] = ()
    ) -> RuleBook:
        """The rules in force, and behind them these areas and categories where an earlier version knew them.

        For labels alone: by what it holds nothing may be decided.
        """
        book = rule_books.newest_book(db)
        looked = self._looked if self._looked.book == book else _Looked(book)
        wanted = {*areas} - {*book.areas}, {name for name in categories if name} - {*book.categories}
        unknown = wanted[0] - {*looked.areas}, wanted[1] - {*looked.categories}
        if any(unknown):
            found = _look(db, book.version, *unknown)
            looked = _Looked(book, {**looked.areas, **found.areas}, {**looked.categories, **found.categories})
            self._looked = looked  # of two at once one is looked for again, no more
        gone = {name: area for name in wanted[0] if (area := looked.areas[name]) is not None}
        dropped = {name: word for name in wanted[1] if (word := looked.categories[name]) is not None}
        return replace(book, areas={**book.areas, **gone}, categories={**book.categories, **dropped})


def _look(db: Connection, version: int, areas: Collection[str], categories: Collection[str]) -> _Looked:
    """In the versions before this one, the newest first. One that this program does not understand is passed
    over: for a label no list of people is withheld.
    """
    found_areas: dict[str, Area | None] = dict.fromkeys(areas)
    found_categories: dict[str, Category | None] = dict.fromkeys(categories)
    for earlier in range(version - 1, max(0, version - _VERSIONS - 1), -1):
        missing = [name for name, area in found_areas.items() if area is None]
        unnamed = [name for name, word in found_categories.items() if word is None]
        if not missing and not unnamed:
            break
        try:
            book = rule_books.book(db, earlier) or RuleBook()
        except ValueError:
            continue
        found_areas.update((name, book.areas.get(name)) for name in missing)
        found_categories.update((name, book.categories.get(name)) for name in unnamed)
    return _Looked(RuleBook(), found_areas, found_categories)
