"""The rules of the floor: the book in force, its earlier versions, and publishing a new one."""

from controller.errors import N_, NotFound
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.model.rule_book import RuleBook
from controller.registry import actions
from controller.registry import rule_books as rows
from controller.registry.rule_books import PublishedBook
from controller.services import texts
from controller.services.house import House
from controller.services.rights import Right, require

__all__ = ["PublishedBook", "book", "newest", "publish", "versions"]


def newest(house: House, operator: Operator) -> RuleBook:
    """The one in force; an empty one, of version 0, while none was published."""
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        return rows.newest_book(db)


def book(house: House, operator: Operator, version: int) -> RuleBook:
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        found = rows.book(db, version)
    if found is None:
        raise NotFound(
            N_("There is no version {version} of the rules; look for it in the list."), version=version
        )
    return found


def versions(house: House, operator: Operator) -> list[PublishedBook]:
    """Newest first."""
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        return rows.versions(db)


def publish(house: House, operator: Operator, now: Moment, book: RuleBook, note: str) -> int:
    """In force at the door within a second; `note` says why. Return the new version's number."""
    require(operator, Right.PUBLISH_RULES)
    why = texts.reason_text(note)
    with house.registry.write() as db:
        before = rows.newest_version(db)
        version = rows.publish(db, book, operator, now.utc, why)
        actions.record(
            db,
            operator,
            now.utc,
            ActionType.RULES_PUBLISHED,
            "rules",
            str(version),
            before={"version": before},
            after={"version": version},
            reason=why,
        )
    return version
