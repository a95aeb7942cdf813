"""Find or add the holder of a badge and give levels, within the caller's write."""

from collections.abc import Collection

from controller.errors import N_, Conflict, NotFound
from controller.model.credentials import CardholderStatus
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import levels, people
from controller.registry.database import Connection, new_reference
from controller.registry.people import PersonRow
from controller.services.acting import Acting
from controller.services.people.standing import Standing, audit_fields, set_standing


def require_person(person: PersonRow | None) -> PersonRow:
    if person is None:
        raise NotFound(N_("There is no such person; choose one from the list."))
    return person


def find_or_add(acting: Acting, db: Connection, name: str) -> PersonRow:
    """The person with this reference or name; add one if nobody has that name."""
    by_reference = people.person(db, name)
    found = people.people_named(db, name) if by_reference is None else [by_reference]
    if len(found) > 1:
        raise Conflict(
            N_("{count} people have the name {name}; add the badge on the page of the right one."),
            count=len(found),
            name=name,
        )
    return found[0] if found else add_person(acting, db, name, kana="", level_ids=())


def add_person(
    acting: Acting,
    db: Connection,
    name: str,
    kana: str,
    level_ids: Collection[str],
    standing: Standing | None = None,
) -> PersonRow:
    person = PersonRow(new_reference(), name, kana, CardholderStatus.ACTIVE)
    people.add_person(db, person)
    people.set_levels(db, person.id, require_levels(db, level_ids))
    recorded: dict[str, Json] = {"name": name, "kana": kana, "levels": level_names(db, person.id)}
    if standing is not None:
        recorded |= {
            key: value
            for key, value in audit_fields(set_standing(db, person.id, standing)[1]).items()
            if value
        }
    acting.record(db, ActionType.PERSON_ADDED, "person", person.id, after=recorded)
    return person


def give_level(acting: Acting, db: Connection, person: PersonRow, level: str) -> None:
    """Give the level of this name in addition to those already held."""
    level_id = levels.level_ids_by_name(db).get(level)
    if level_id is None:
        raise NotFound(N_("There is no access level named {level}; add it on the page first."), level=level)
    held = [id_ for id_, _ in people.levels_of(db, person.id)]
    if level_id in held:
        return
    before = level_names(db, person.id)
    people.set_levels(db, person.id, [*held, level_id])
    acting.record(
        db,
        ActionType.PERSON_CHANGED,
        "person",
        person.id,
        before={"levels": before},
        after={"levels": level_names(db, person.id)},
        about={"name": person.name},
    )


def require_levels(db: Connection, level_ids: Collection[str]) -> Collection[str]:
    for level_id in level_ids:
        if levels.level(db, level_id) is None:
            raise NotFound(N_("One of the access levels no longer exists; choose again."))
    return level_ids


def level_names(db: Connection, person_id: str) -> list[Json]:
    return [name for _, name in people.levels_of(db, person_id)]
