"""Schedules as rows, and as the door finds them."""

from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.registry import levels, people, schedules
from controller.registry.database import Registry
from tests.controller.registry.samples import fill, found_at

NIGHT = [TimeWindow(4, 1320, 360)]
SPECIAL = (SpecialDay("holiday"), SpecialDay("short-day", (Hours(0, 60), Hours(540, 720))))


def save_night(registry: Registry, special: tuple[SpecialDay, ...]) -> None:
    with registry.write() as db:
        schedules.save_schedule(db, "night", "Night", NIGHT, special)
        schedules.save_schedule(db, "day", "Day", [TimeWindow(day, 0, 60) for day in range(7)])
        levels.save_level(db, "late", "Late", [("entrance-in", "night"), ("entrance-in", "day")])
        people.set_levels(db, "p1", ["everywhere", "late"])


def test_special_days_are_kept_and_found_by_the_door(registry: Registry) -> None:
    fill(registry, range(3))
    save_night(registry, SPECIAL)
    with registry.read() as db:
        kept = schedules.schedule(db, "night")
    assert kept is not None and kept.special == SPECIAL and kept.windows == tuple(NIGHT)
    record = found_at(registry.file, 1)
    assert record is not None
    found = {rule.schedule.id: rule.schedule for rule in record.rules}
    assert found["night"] == kept
    assert found["day"].special == () and len(found["day"].windows) == 7
    assert found["always"].always


def test_special_days_removed_are_gone(registry: Registry) -> None:
    fill(registry, range(3))
    save_night(registry, SPECIAL)
    save_night(registry, ())
    record = found_at(registry.file, 1)
    assert record is not None and all(rule.schedule.special == () for rule in record.rules)


def test_special_days_go_with_their_schedule(registry: Registry) -> None:
    put_alone = (SpecialDay("holiday"),)
    with registry.write() as db:
        schedules.save_schedule(db, "night", "Night", NIGHT, put_alone)
        schedules.remove_schedule(db, "night")
        assert db.execute("SELECT count(*) FROM special_windows").fetchone() == (0,)
