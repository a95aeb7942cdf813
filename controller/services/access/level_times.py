"""Temporary access: a person holds a level from and until a minute. Also lists people whose dates have
passed.
"""

from collections.abc import Callable
from datetime import datetime

from controller.errors import N_, BadInput, NotFound
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import level_times, levels, people
from controller.registry.database import Connection
from controller.registry.level_times import HeldLevel
from controller.services import validity
from controller.services.acting import Acting
from controller.services.people import holders
from controller.services.rights import Right
from controller.services.site import Site


def hold(
    acting: Acting,
    person_id: str,
    level_id: str,
    start: datetime | None,
    end: datetime | None,
) -> None:
    """Give the level, or change the time for which the person holds it; without limits, permanently."""
    acting.require(Right.EDIT_PEOPLE)
    if end is not None and start is not None and end <= start:
        raise BadInput("until", validity.END_BEFORE_START)
    if end is not None and end <= acting.moment.utc:
        raise BadInput("until", N_("This end has already passed; remove the level instead."))
    _change(
        acting,
        person_id,
        level_id,
        lambda db: level_times.hold_level(db, person_id, level_id, start, end=end),
    )


def withdraw(acting: Acting, person_id: str, level_id: str) -> None:
    """Remove the level from the person, regardless of its time."""
    acting.require(Right.EDIT_PEOPLE)

    def withdraw_level(db: Connection) -> None:
        held = [level.id for level in level_times.held_levels(db, person_id)]
        people.set_levels(db, person_id, [level for level in held if level != level_id])

    _change(acting, person_id, level_id, withdraw_level)


def level_named(acting: Acting, name: str) -> str:
    """Its id; for the command line."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        ids = levels.level_ids_by_name(db)
    if name not in ids:
        raise NotFound(
            N_("There is no access level named {level}; choose one of: {known}."),
            level=name[:100],
            known=", ".join(sorted(ids)) or "–",
        )
    return ids[name]


def _change(
    acting: Acting,
    person_id: str,
    level_id: str,
    change: Callable[[Connection], None],
) -> None:
    with acting.site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        holders.require_levels(db, (level_id,))
        before = level_texts(acting.site, level_times.held_levels(db, person_id))
        change(db)
        after = level_texts(acting.site, level_times.held_levels(db, person_id))
        if after != before:
            acting.record(
                db,
                ActionType.PERSON_CHANGED,
                "person",
                person_id,
                before={"levels": before},
                after={"levels": after},
                about={"name": person.name},
            )


def overdue(acting: Acting, limit: int = 200) -> tuple[str, ...]:
    """Ids of active people whose badges or levels have all passed their last date."""
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        return tuple(level_times.overdue_people(db, acting.moment.utc, limit))


def level_texts(site: Site, held: list[HeldLevel]) -> list[Json]:
    """The levels as texts for a record, in the site's local time."""
    zone = site.config.site.time_zone
    lines: list[Json] = []
    for level in held:
        ends = [
            "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            for at in (level.valid_from, level.valid_until)
        ]
        lines.append(f"{level.name} ({ends[0]} – {ends[1]})" if any(ends) else level.name)
    return lines
