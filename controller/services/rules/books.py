"""The site's rules: the rule book in force, its earlier versions, and publishing a new one."""

from controller.errors import N_, Conflict, NotFound
from controller.model.headcount import Headcount
from controller.model.orders import ActionType
from controller.model.rule_book import RuleBook
from controller.registry import headcount as counts
from controller.registry import rule_books as rows
from controller.registry import schedules
from controller.registry.database import Connection
from controller.registry.rule_books import PublishedBook
from controller.services import typed_texts
from controller.services.access import holidays
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.rights import Right
from controller.services.rules import category_moves
from controller.services.rules.category_moves import NO_MOVES, Moves
from controller.services.rules.check import left_lockdowns, problems
from controller.services.rules.clashes import clashes
from controller.services.rules.doubts import doubts
from controller.services.rules.findings import Finding, RulesRefused, without_echoes
from controller.services.rules.first_entry import nobody_first
from controller.services.rules.site_book import SiteBook

__all__ = [
    "Finding",
    "PublishedBook",
    "RulesRefused",
    "book",
    "findings",
    "headcount",
    "newest",
    "publish",
    "publish_book",
    "versions",
]


def headcount(acting: Acting) -> Headcount:
    """The people of the site; from that each rule's setting computes how many it may refuse."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return counts.headcount(db, acting.moment.utc.astimezone(acting.site.config.site.time_zone).date())


def newest(acting: Acting) -> RuleBook:
    """The rule book in force; an empty one, of version 0, before the first was published."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return rows.newest_book(db)


def book(acting: Acting, version: int) -> RuleBook:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        found = rows.book(db, version)
    if found is None:
        raise NotFound(
            N_("There is no version {version} of the rules; choose one from the list."), version=version
        )
    return found


def versions(acting: Acting) -> list[PublishedBook]:
    """Newest first."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return rows.versions(db)


def findings(acting: Acting, book: RuleBook) -> tuple[Finding, ...]:
    """Problems and doubts about this book, for this site and its people; problems first."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return findings_in(acting, db, book)


def publish(
    acting: Acting,
    book: RuleBook,
    note: str,
    heed_warnings: bool = False,
    moves: Moves = NO_MOVES,
    seen: str = "",
) -> int:
    """Publish the book, in force at the door within a second; `note` is the reason. Return the version's
    number.

    Raise RulesRefused for a book with a problem, and with `heed_warnings` for one with a clash; the caller
    shows other doubts. `moves` gives the new category of people whose category the book no longer has. `seen`
    is the version in force that the operator compared with: raise Conflict if another was published since.
    """
    acting.require(Right.PUBLISH_RULES)
    why = typed_texts.reason_text(note)
    with acting.site.registry.write() as db:
        if seen and (newest := str(rows.newest_version(db))) != seen:
            raise Conflict(
                N_(
                    "Version {version} was published after you opened this page, so nothing is changed "
                    "yet. Check the comparison again."
                ),
                version=newest,
            )
        return publish_book(acting, db, book, why, heed_warnings=heed_warnings, moves=moves)


def publish_book(
    acting: Acting,
    db: Connection,
    book: RuleBook,
    why: str,
    heed_warnings: bool,
    moves: Moves = NO_MOVES,
) -> int:
    """Publish within the write of a caller who checked the right."""
    category_moves.move(acting, db, book, moves)
    found = findings_in(acting, db, book)
    if found and not found[0].is_warning:
        raise RulesRefused(found)
    held_up = tuple(one for one in found if one.holds_up)
    if held_up and heed_warnings:
        raise RulesRefused(held_up)
    before = rows.newest_version(db)
    version = rows.publish(db, book, acting.operator, acting.moment.utc, note=why)
    holidays.publish_day_types(db, book.holidays, holidays.local_year(acting.site, acting.moment))
    acting.record(
        db,
        ActionType.RULES_PUBLISHED,
        "rules",
        str(version),
        before={"version": before},
        after={"version": version},
        reason=why,
    )
    return version


def findings_in(acting: Acting, db: Connection, book: RuleBook) -> tuple[Finding, ...]:
    """The findings for the schedules and people in `db`."""
    site, before = SiteBook(book, acting.site.config), rows.newest_book(db)
    schedule_names = frozenset(one.name for one in schedules.all_schedules(db))
    today = acting.moment.utc.astimezone(site.config.site.time_zone).date()
    return without_echoes(
        (
            *problems(site, schedule_names),
            *left_lockdowns(site, before, lockdown.names(acting.site, db)),
            *category_moves.vanished(book, before, db),
            *clashes(site),
            *nobody_first(site),
            *doubts(site, counts.headcount(db, today), frozenset(before.categories)),
        )
    )
