"""Labels of areas and categories that the rules in force no longer contain, from earlier versions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from controller.model.rule_book import Area, Category, RuleBook
from controller.registry import rule_books
from controller.registry.database import Connection

_VERSIONS = 200  # search at most this many; each is one small read


@dataclass(frozen=True, slots=True)
class _Found:
    """The result for each name searched in the versions before `book`; None: no earlier version has it."""

    book: RuleBook
    areas: Mapping[str, Area | None] = field(default_factory=dict)
    categories: Mapping[str, Category | None] = field(default_factory=dict)


class EarlierLabels:
    """Safe to share between threads. Searches for a name once while the same rules are in force, so a page
    that refreshes every two seconds does not read all versions again, whether the name is found or not.
    """

    def __init__(self) -> None:
        self._found = _Found(RuleBook())

    def book_with_labels(
        self, db: Connection, areas: Collection[str], categories: Collection[str | None] = ()
    ) -> RuleBook:
        """The rules in force, plus these areas and categories from earlier versions.

        Use it for labels only, never for a decision.
        """
        book = rule_books.newest_book(db)
        found = self._found if self._found.book == book else _Found(book)
        wanted = {*areas} - {*book.areas}, {name for name in categories if name} - {*book.categories}
        unknown = wanted[0] - {*found.areas}, wanted[1] - {*found.categories}
        if any(unknown):
            older = _find(db, book.version, *unknown)
            found = _Found(book, {**found.areas, **older.areas}, {**found.categories, **older.categories})
            self._found = found  # two threads at the same time only repeat one search
        removed_areas = {name: area for name in wanted[0] if (area := found.areas[name]) is not None}
        removed_categories = {
            name: category for name in wanted[1] if (category := found.categories[name]) is not None
        }
        return replace(
            book, areas={**book.areas, **removed_areas}, categories={**book.categories, **removed_categories}
        )


def _find(db: Connection, version: int, areas: Collection[str], categories: Collection[str]) -> _Found:
    """Search the versions before this one, newest first. Skip a version that this program does not
    understand: a missing label must not hide a list of people.
    """
    found_areas: dict[str, Area | None] = dict.fromkeys(areas)
    found_categories: dict[str, Category | None] = dict.fromkeys(categories)
    for earlier in range(version - 1, max(0, version - _VERSIONS - 1), -1):
        missing = [name for name, area in found_areas.items() if area is None]
        unnamed = [name for name, category in found_categories.items() if category is None]
        if not missing and not unnamed:
            break
        try:
            book = rule_books.book(db, earlier) or RuleBook()
        except ValueError:
            continue
        found_areas.update((name, book.areas.get(name)) for name in missing)
        found_categories.update((name, book.categories.get(name)) for name in unnamed)
    return _Found(RuleBook(), found_areas, found_categories)
