"""A person's standing at the site: category, qualifications and exemptions, which the rules check."""

from collections.abc import Mapping

from controller.errors import N_, BadInput
from controller.model.events import Json
from controller.registry import rule_books
from controller.registry import standing as rows
from controller.registry.database import Connection
from controller.registry.standing import Standing

__all__ = ["Standing", "audit_fields", "set_standing"]


def set_standing(db: Connection, person_id: str, standing: Standing) -> tuple[Standing, Standing]:
    """Store the standing within the caller's write, which records it. Return it before and after."""
    before = rows.standing(db, person_id)
    _refuse_unknown(db, before, standing)
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


def _refuse_unknown(db: Connection, before: Standing, after: Standing) -> None:
    """A person may keep a category or qualification that the rules no longer have, but not get one."""
    book = rule_books.newest_book(db)
    if after.category is not None and after.category not in (before.category, *book.categories):
        raise BadInput(
            "category", N_("The rules have no category {name}; choose another."), name=after.category
        )
    held = {name for name, _ in before.qualifications}
    for name, _ in after.qualifications:
        if name not in book.qualifications and name not in held:
            raise BadInput(
                "qualifications", N_("The rules have no qualification {name}; choose another."), name=name
            )
