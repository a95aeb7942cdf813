"""Access levels: sets of access rules, each an access point and a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import N_, BadInput, Conflict, FieldConflict, NotFound
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import levels as rows
from controller.registry import schedules
from controller.registry.database import Connection, new_reference
from controller.registry.levels import LevelRow
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors
from controller.services.rights import Right
from controller.services.site import Site


@dataclass(frozen=True, slots=True)
class LevelRule:
    access_point: str
    schedule_id: str
    schedule_name: str


@dataclass(frozen=True, slots=True)
class Level:
    id: str
    name: str
    rules: tuple[LevelRule, ...]
    people: int  # the number of people who hold it


def all_levels(acting: Acting) -> tuple[Level, ...]:
    """By name."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return tuple(_build_level(db, row) for row in rows.all_levels(db))


def get(acting: Acting, level_id: str) -> Level:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return _build_level(db, _require_level(rows.level(db, level_id)))


def add(acting: Acting, name: str, rules: Sequence[tuple[str, str]]) -> Level:
    """`rules` are pairs of access point name and schedule id."""
    acting.require(Right.EDIT_ACCESS)
    return _save(acting, level_id=new_reference(), replaced=None, name=name, rules=rules)


def edit(
    acting: Acting,
    level_id: str,
    name: str,
    rules: Sequence[tuple[str, str]],
) -> Level:
    """Replaces name and rules."""
    acting.require(Right.EDIT_ACCESS)
    return _save(acting, level_id, replaced=level_id, name=name, rules=rules)


def remove(acting: Acting, level_id: str) -> None:
    """Refused while somebody holds it."""
    acting.require(Right.EDIT_ACCESS)
    with acting.site.registry.write() as db:
        before = _require_level(rows.level(db, level_id))
        held = rows.holders(db, level_id)
        if held:
            raise Conflict(
                N_("{count} people have the access level {name}; remove it from them first."),
                count=held,
                name=before.name,
            )
        rows.remove_level(db, level_id)
        acting.record(db, ActionType.LEVEL_REMOVED, "level", level_id, before=_audit_fields(before))


def _save(
    acting: Acting,
    level_id: str,
    replaced: str | None,
    name: str,
    rules: Sequence[tuple[str, str]],
) -> Level:
    with acting.site.registry.write() as db:
        before = None if replaced is None else _require_level(rows.level(db, replaced))
        with FieldErrors() as fields:
            name = fields.check(_free_name, db, level_id, name)
            fields.check(_refuse_bad, acting.site, db, rules, before=before)
        return _build_level(db, save_level(acting, db, before, level_id, name=name, rules=rules))


def save_level(
    acting: Acting,
    db: Connection,
    before: LevelRow | None,
    level_id: str,
    name: str,
    rules: Sequence[tuple[str, str]],
) -> LevelRow:
    """Store and record the level, within the write of a caller who checked the name."""
    _refuse_bad(acting.site, db, rules, before)
    rows.save_level(db, level_id, name, rules)
    after = _require_level(rows.level(db, level_id))
    if after != before:
        acting.record(
            db,
            ActionType.LEVEL_ADDED if before is None else ActionType.LEVEL_CHANGED,
            "level",
            level_id,
            before=None if before is None else _audit_fields(before),
            after=_audit_fields(after),
            about={"name": name},
        )
    return after


def _free_name(db: Connection, level_id: str, text: str) -> str:
    name = typed_texts.name_text("name", text)
    if rows.level_ids_by_name(db).get(name, level_id) != level_id:
        raise FieldConflict(
            "name", N_("There is already an access level named {name}; choose another name."), name=name
        )
    return name


def _refuse_bad(
    site: Site, db: Connection, rules: Sequence[tuple[str, str]], before: LevelRow | None
) -> None:
    """A rule may keep an access point that genkan.toml no longer has, but a new rule may not name it."""
    existing = {point for point, _, _ in before.rules} if before else set()
    with FieldErrors() as fields:
        for point in dict.fromkeys(point for point, _ in rules if point not in existing):
            fields.check(_refuse_unknown_point, site, point)
        if any(schedules.schedule(db, schedule_id) is None for _, schedule_id in rules):
            fields.check(_refuse_schedule)


def _refuse_unknown_point(site: Site, point: str) -> None:
    if point not in site.config.access_points:
        raise BadInput(
            "rules", N_("There is no access point {name} in genkan.toml; choose another."), name=point
        )


def _refuse_schedule() -> None:
    raise BadInput("rules", N_("One of the schedules no longer exists; choose again."))


def _require_level(found: LevelRow | None) -> LevelRow:
    if found is None:
        raise NotFound(N_("There is no such access level; choose one from the list."))
    return found


def _build_level(db: Connection, row: LevelRow) -> Level:
    return Level(
        row.id,
        row.name,
        tuple(LevelRule(point, id_, name) for point, id_, name in row.rules),
        rows.holders(db, row.id),
    )


def _audit_fields(row: LevelRow) -> dict[str, Json]:
    rules: list[Json] = [f"{point}: {schedule}" for point, _, schedule in row.rules]
    return {"name": row.name, "rules": rules}
