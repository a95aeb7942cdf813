"""The draft of the rules: operators edit and check it on the pages, then publish it as a version or discard
it.

It has no effect at the door before publishing, so editing it is not an operator action.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from controller.errors import N_, Conflict
from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import to_plain
from controller.registry import rule_books as book_rows
from controller.registry import rule_draft as rows
from controller.registry.rule_draft import Draft
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.rules import books as rule_books
from controller.services.rules.category_moves import NO_MOVES, Moves
from controller.services.rules.draft_changes import Change, read_part

__all__ = [
    "Draft",
    "area",
    "categories",
    "discard",
    "door",
    "edit",
    "edited",
    "get",
    "mark",
    "publish",
    "qualifications",
]

CHANGED = N_("The draft was changed or published meanwhile; check it again.")
Part = Callable[[RuleBook], RuleBook]
"""The part of a book that one form shows."""


def area(name: str) -> Part:
    return lambda book: RuleBook(areas={name: book.areas[name]} if name in book.areas else {})


def door(name: str) -> Part:
    return lambda book: RuleBook(doors={name: book.door(name)})


def categories(book: RuleBook) -> RuleBook:
    return RuleBook(categories=book.categories)


def qualifications(book: RuleBook) -> RuleBook:
    return RuleBook(qualifications=book.qualifications)


def mark(book: RuleBook, part: Part) -> str:
    """A hash of the part of `book` that fills a form. The form sends it back, to detect changes since."""
    return hashlib.sha256(json.dumps(to_plain(part(book)), sort_keys=True).encode()).hexdigest()[:16]


def get(acting: Acting) -> Draft | None:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return rows.draft(db)


def edited(acting: Acting) -> RuleBook:
    """The book that an edit starts from: the draft, or the version in force if there is none."""
    found = get(acting)
    return rule_books.newest(acting) if found is None else found.book


def edit(
    acting: Acting,
    change: Change,
    part: Part | None = None,
    seen: str = "",
) -> Draft | None:
    """Change the draft. Return None if it became equal to the version in force and was removed.

    `seen` is the mark of `part` in the form: raise Conflict if another operator changed this part since.
    """
    acting.require(Right.PUBLISH_RULES)
    with acting.site.registry.housekeeping() as db:
        newest, found = book_rows.newest_book(db), rows.draft(db)
        start = replace(newest, version=0) if found is None else found.book
        if part is not None and seen and mark(start, part) != seen:
            raise Conflict(
                N_(
                    "Somebody changed this after you opened the form, so nothing is saved. Check the "
                    "draft; saving again replaces it with the values below."
                )
            )
        book = read_part(to_plain(change(start)))
        based_on = newest.version if found is None else found.based_on
        if book == replace(newest, version=0) and based_on == newest.version:
            rows.remove_draft(db)
            return None
        rows.save_draft(db, Draft(book, based_on, acting.moment.utc, acting.operator.display_name))
        return rows.draft(db)


def discard(acting: Acting, seen: str = "") -> None:
    """Remove the draft. `seen` is its mark as the operator saw it: raise Conflict if it changed since."""
    acting.require(Right.PUBLISH_RULES)
    with acting.site.registry.housekeeping() as db:
        found = rows.draft(db) if seen else None
        if seen and (found is None or found.mark != seen):
            raise Conflict(CHANGED)
        rows.remove_draft(db)


def publish(
    acting: Acting,
    seen: str,
    note: str,
    heed_warnings: bool,
    moves: Moves = NO_MOVES,
) -> int:
    """Publish the draft. `seen` is its mark as the operator saw it: raise Conflict if it changed since."""
    acting.require(Right.PUBLISH_RULES)
    why = typed_texts.reason_text(note)
    with acting.site.registry.write() as db:
        found = rows.draft(db)
        if found is None or found.mark != seen:
            raise Conflict(CHANGED)
        newest = book_rows.newest_version(db)
        if heed_warnings and newest != found.based_on:
            raise Conflict(
                N_(
                    "Version {version} was published after this draft was started; publishing the draft "
                    "reverts it."
                ),
                version=newest,
            )
        version = rule_books.publish_book(
            acting, db, found.book, why, heed_warnings=heed_warnings, moves=moves
        )
        rows.remove_draft(db)
        return version
