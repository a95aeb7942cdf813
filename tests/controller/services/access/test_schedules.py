import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.access import TimeWindow
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import levels, schedules
from controller.services.site import Site
from controller.services.log import changes
from controller.services.rules import books as rule_books
from tests.sample_house import ADMIN, AUDITOR, NOW

DAY = [TimeWindow(0, 540, 1080)]


def test_always_is_there_from_the_start_and_stays(house: Site):
    (always,) = schedules.all_schedules(house, ADMIN, NOW)
    assert always.always and always.id == "always"
    with pytest.raises(Conflict):
        schedules.edit(house, ADMIN, NOW, "always", "never", DAY)
    with pytest.raises(Conflict):
        schedules.remove(house, ADMIN, NOW, "always")


def test_schedule_is_kept_and_changed_with_a_record(house: Site):
    added = schedules.add(house, ADMIN, NOW, "Night", [schedules.window(4, "22:00", "06:00")])
    assert added.windows == (TimeWindow(4, 1320, 360),)
    schedules.edit(house, ADMIN, NOW, added.id, "Night", [schedules.window(5, "０:00", "24:00")])
    change = changes.page(house, ADMIN, NOW)[0]
    assert change.before == {"name": "Night", "windows": ["4 22:00-06:00"]}
    assert change.after == {"name": "Night", "windows": ["5 00:00-24:00"]}
    assert schedules.get(house, ADMIN, NOW, added.id).windows == (TimeWindow(5, 0, 1440),)


@pytest.mark.parametrize(
    "start,end", [("9", "18:00"), ("24:00", "25:00"), ("09:60", "18:00"), ("", ""), ("x", "y")]
)
def test_what_is_no_time_of_day_is_refused(start: str, end: str):
    with pytest.raises(BadInput):
        schedules.window(0, start, end)


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [TimeWindow(7, 0, 1)],
        [TimeWindow(0, 540, 540)],
        [TimeWindow(0, 1440, 10)],
        [TimeWindow(0, 0, 1)] * 51,
    ],
)
def test_windows_that_mean_nothing_are_refused(house: Site, windows: list[TimeWindow]):
    with pytest.raises(BadInput):
        schedules.add(house, ADMIN, NOW, "A", windows)
    assert len(schedules.all_schedules(house, ADMIN, NOW)) == 1


def test_schedule_in_use_cannot_be_removed(house: Site):
    used = schedules.add(house, ADMIN, NOW, "Day", DAY)
    level = levels.add(house, ADMIN, NOW, "Floor", [("entrance-in", used.id)])
    with pytest.raises(Conflict, match="Floor"):
        schedules.remove(house, ADMIN, NOW, used.id)
    levels.edit(house, ADMIN, NOW, level.id, "Floor", [])
    schedules.remove(house, ADMIN, NOW, used.id)
    with pytest.raises(NotFound):
        schedules.get(house, ADMIN, NOW, used.id)


def test_name_taken_is_refused(house: Site):
    schedules.add(house, ADMIN, NOW, "Day", DAY)
    with pytest.raises(Conflict):
        schedules.add(house, ADMIN, NOW, "Day", DAY)


def test_auditor_looks_and_changes_nothing(house: Site):
    assert schedules.all_schedules(house, AUDITOR, NOW)
    with pytest.raises(NotPermitted):
        schedules.add(house, AUDITOR, NOW, "Day", DAY)


def test_times_read_as_they_were_typed():
    assert [schedules.time_text(minutes) for minutes in (0, 540, 1439, 1440)] == [
        "00:00",
        "09:00",
        "23:59",
        "24:00",
    ]


def test_schedule_that_the_rules_name_is_neither_removed_nor_renamed(house: Site) -> None:
    night = schedules.add(house, ADMIN, NOW, "Night", [schedules.window(4, "22:00", "06:00")])
    door = DoorRules("entrance", scheduled=(ScheduledMode("Night", DoorMode.LOCKED),))
    rule_books.publish(house, ADMIN, NOW, RuleBook(doors={"entrance": door}), "")
    with pytest.raises(Conflict, match="rules use the schedule Night for the door entrance"):
        schedules.remove(house, ADMIN, NOW, night.id)
    with pytest.raises(Conflict, match="rules use the schedule Night"):
        schedules.edit(house, ADMIN, NOW, night.id, "Late", DAY)
    schedules.edit(house, ADMIN, NOW, night.id, "Night", DAY)
    rule_books.publish(house, ADMIN, NOW, RuleBook(), "")
    schedules.remove(house, ADMIN, NOW, night.id)
