import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.access import TimeWindow
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW

DAY = [TimeWindow(0, 540, 1080)]


def test_always_is_there_from_the_start_and_stays(site: Site):
    (always,) = schedules.all_schedules(Acting(site, ADMIN, NOW))
    assert always.always and always.id == "always"
    with pytest.raises(Conflict):
        schedules.edit(Acting(site, ADMIN, NOW), "always", "never", DAY)
    with pytest.raises(Conflict):
        schedules.remove(Acting(site, ADMIN, NOW), "always")


def test_schedule_is_kept_and_changed_with_a_record(site: Site):
    added = schedules.add(Acting(site, ADMIN, NOW), "Night", [schedules.window(4, "22:00", "06:00")])
    assert added.windows == (TimeWindow(4, 1320, 360),)
    schedules.edit(Acting(site, ADMIN, NOW), added.id, "Night", [schedules.window(5, "０:00", "24:00")])
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.before == {"name": "Night", "windows": ["4 22:00-06:00"]}
    assert change.after == {"name": "Night", "windows": ["5 00:00-24:00"]}
    assert schedules.get(Acting(site, ADMIN, NOW), added.id).windows == (TimeWindow(5, 0, 1440),)


@pytest.mark.parametrize(
    "start,end", [("9", "18:00"), ("24:00", "25:00"), ("09:60", "18:00"), ("", ""), ("x", "y")]
)
def test_what_is_not_a_time_of_day_is_refused(start: str, end: str):
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
def test_windows_that_mean_nothing_are_refused(site: Site, windows: list[TimeWindow]):
    with pytest.raises(BadInput):
        schedules.add(Acting(site, ADMIN, NOW), "A", windows)
    assert len(schedules.all_schedules(Acting(site, ADMIN, NOW))) == 1


def test_schedule_in_use_cannot_be_removed(site: Site):
    used = schedules.add(Acting(site, ADMIN, NOW), "Day", DAY)
    level = levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", used.id)])
    with pytest.raises(Conflict, match="Floor"):
        schedules.remove(Acting(site, ADMIN, NOW), used.id)
    levels.edit(Acting(site, ADMIN, NOW), level.id, "Floor", [])
    schedules.remove(Acting(site, ADMIN, NOW), used.id)
    with pytest.raises(NotFound):
        schedules.get(Acting(site, ADMIN, NOW), used.id)


def test_name_used_is_refused(site: Site):
    schedules.add(Acting(site, ADMIN, NOW), "Day", DAY)
    with pytest.raises(Conflict):
        schedules.add(Acting(site, ADMIN, NOW), "Day", DAY)


def test_auditor_reads_and_changes_nothing(site: Site):
    assert schedules.all_schedules(Acting(site, AUDITOR, NOW))
    with pytest.raises(NotPermitted):
        schedules.add(Acting(site, AUDITOR, NOW), "Day", DAY)


def test_times_read_as_they_were_typed():
    assert [schedules.time_text(minutes) for minutes in (0, 540, 1439, 1440)] == [
        "00:00",
        "09:00",
        "23:59",
        "24:00",
    ]


def test_schedule_that_the_rules_name_is_neither_removed_nor_renamed(site: Site) -> None:
    night = schedules.add(Acting(site, ADMIN, NOW), "Night", [schedules.window(4, "22:00", "06:00")])
    door = DoorRules("entrance", scheduled=(ScheduledMode("Night", DoorMode.LOCKED),))
    rule_books.publish(Acting(site, ADMIN, NOW), RuleBook(doors={"entrance": door}), "")
    with pytest.raises(Conflict, match="rules use the schedule Night for the door entrance"):
        schedules.remove(Acting(site, ADMIN, NOW), night.id)
    with pytest.raises(Conflict, match="rules use the schedule Night"):
        schedules.edit(Acting(site, ADMIN, NOW), night.id, "Late", DAY)
    schedules.edit(Acting(site, ADMIN, NOW), night.id, "Night", DAY)
    rule_books.publish(Acting(site, ADMIN, NOW), RuleBook(), "")
    schedules.remove(Acting(site, ADMIN, NOW), night.id)
