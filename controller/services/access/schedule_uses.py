"""Uses of a schedule: the access levels with it and their number of people, and the doors' modes."""

from dataclasses import dataclass

from controller.model.access import Schedule
from controller.model.rule_book import DoorMode
from controller.registry import levels, rule_books
from controller.services.acting import Acting
from controller.services.rights import Right


@dataclass(frozen=True, slots=True)
class LevelUse:
    id: str
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class ScheduleUses:
    """`doors`: the name of each, and its mode while the schedule is open, by the rules in force."""

    levels: tuple[LevelUse, ...]
    doors: tuple[tuple[str, DoorMode], ...]


def uses(acting: Acting, schedule: Schedule) -> ScheduleUses:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        found = [
            LevelUse(level.id, level.name, levels.holders(db, level.id))
            for level in levels.all_levels(db)
            if any(used == schedule.id for _, used, _ in level.rules)
        ]
        doors = rule_books.newest_book(db).doors.values()
    modes = [
        (door.door, one.mode) for door in doors for one in door.scheduled if one.schedule == schedule.name
    ]
    return ScheduleUses(tuple(found), tuple(modes))
