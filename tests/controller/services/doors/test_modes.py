import pytest

from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.model.events import EventType
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import schedules
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.modes import DoorModeNow, HeldBack, NextChange, door_modes
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, VIEWER, later

FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))


@pytest.fixture
def reception(site: Site) -> None:
    """NOW is a Tuesday, 15:00 in Tokyo."""
    schedules.add(Acting(site, ADMIN, NOW), "Office", [TimeWindow(day, 540, 1080) for day in range(5)])
    modes = DoorRules("entrance", DoorMode.CARD, (ScheduledMode("Office", DoorMode.UNLOCKED),))
    rule_books.publish(
        Acting(site, ADMIN, NOW), RuleBook(areas={"floor": FLOOR}, doors={"entrance": modes}), "modes"
    )


def mode(site: Site) -> DoorModeNow:
    return door_modes(Acting(site, VIEWER, NOW))["entrance"]


CLOSES = NextChange(later(hours=3).utc, DoorMode.CARD)


def test_door_without_rules_asks_for_a_badge(site: Site) -> None:
    assert mode(site) == DoorModeNow(DoorMode.CARD)


@pytest.mark.usefixtures("reception")
def test_mode_is_what_this_run_of_the_door_last_said_and_until_when(site: Site) -> None:
    with DoorSide(site) as door:
        assert mode(site) == DoorModeNow(None)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        door.record(EventType.SERVICE_STARTED)
        assert mode(site) == DoorModeNow(None), "of an earlier run"
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        assert mode(site) == DoorModeNow(DoorMode.UNLOCKED, None, CLOSES)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "card"})
        lockdown.begin(Acting(site, ADMIN, NOW), "floor", "drill")
        assert mode(site) == DoorModeNow(DoorMode.CARD, HeldBack.LOCKDOWN, CLOSES)
        door.record(
            EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "card", "held_back": "clock"}
        )
        assert mode(site).held_back is HeldBack.CLOCK


@pytest.mark.usefixtures("reception")
def test_next_change_knows_the_holidays(site: Site) -> None:
    (office,) = [one for one in schedules.all_schedules(Acting(site, ADMIN, NOW)) if one.name == "Office"]
    holiday = [SpecialDay("holiday", (Hours(600, 960),))]
    schedules.edit(Acting(site, ADMIN, NOW), office.id, "Office", office.windows, holiday)
    with unrecorded(site.registry) as db:
        db.execute("INSERT INTO holiday_dates (date, day_type) VALUES ('2026-11-24', 'holiday')")
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        assert mode(site).then == NextChange(later(hours=1).utc, DoorMode.CARD)


@pytest.mark.usefixtures("reception")
def test_mode_of_a_newer_door_is_not_known_here(site: Site) -> None:
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "revolving"})
        assert mode(site).mode is None
