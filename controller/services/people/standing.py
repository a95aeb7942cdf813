"""A person's standing at the site: category, qualifications and exemptions, which the rules check."""

from collections.abc import Mapping

from controller.errors import N_, BadInput
from controller.model.events import Json
from controller.model.rule_book import RuleBook
from controller.registry import rule_books
from controller.registry import standing as rows
from controller.registry.database import Connection
from controller.registry.standing import Standing
from controller.services.field_errors import FieldErrors

__all__ = ["Standing", "audit_fields", "refuse_unknown", "set_standing"]


def set_standing(db: Connection, person_id: str, standing: Standing) -> tuple[Standing, Standing]:
    """Store the standing within the caller's write, which records it. Return it before and after."""
    before = rows.standing(db, person_id)
    refuse_unknown(db, before, standing)
    rows.save_standing(db, person_id, standing)
    return before, rows.standing(db, person_id)


def audit_fields(standing: Standing) -> Mapping[str, Json]:
    held: list[Json] = [f"{name}: {day.isoformat()}" for name, day in standing.qualifications]
    return {
        "category": standing.category,
        "qualifications": held,
        "overrides": standing.overrides,
        "more_time": standing.more_time,
    }


def refuse_unknown(db: Connection, before: Standing, after: Standing) -> None:
    """A person may keep a category or qualification that the rules no longer have, but not get one."""
    book = rule_books.newest_book(db)
    with FieldErrors() as fields:
        if after.category is not None and after.category != before.category:
            fields.check(_refuse_category, book, after.category)
        held = {name for name, _ in before.qualifications}
        for name, _ in after.qualifications:
            if name not in held:
                fields.check(_refuse_qualification, book, name)


def _refuse_category(book: RuleBook, name: str) -> None:
    if name not in book.categories:
        raise BadInput("category", N_("The rules have no category {name}; choose another."), name=name)


def _refuse_qualification(book: RuleBook, name: str) -> None:
    if name not in book.qualifications:
        raise BadInput(
            "qualifications", N_("The rules have no qualification {name}; choose another."), name=name
        )
