"""Labels of areas and categories that the rules in force no longer have, by the newest that had them."""

from collections.abc import Collection
from dataclasses import replace

from controller.model.rule_book import RuleBook
from controller.registry import rule_books
from controller.registry.database import Connection

_VERSIONS = 200  # looked through at most; each is one small read


def with_earlier_words(
    db: Connection, areas: Collection[str], categories: Collection[str | None] = ()
) -> RuleBook:
    """The rules in force, and behind them these areas and categories where an earlier version knew them.

    For labels alone: by what it holds nothing may be decided.
    """
    book = rule_books.newest_book(db)
    wanted = {*areas} - {*book.areas}, {name for name in categories if name} - {*book.categories}
    version = book.version
    while any(wanted) and 1 < version > book.version - _VERSIONS:
        version -= 1
        earlier = rule_books.book(db, version)
        if earlier is None:
            continue
        found = {name: earlier.areas[name] for name in wanted[0] if name in earlier.areas}
        known = {name: earlier.categories[name] for name in wanted[1] if name in earlier.categories}
        book = replace(
            book, areas={**book.areas, **found}, categories={**book.categories, **known}, version=book.version
        )
        wanted = wanted[0] - {*found}, wanted[1] - {*known}
    return book
