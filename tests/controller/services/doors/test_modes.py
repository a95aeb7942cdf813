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
from tests.sample_house import ADMIN, NOW, VIEWER, later

FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))


@pytest.fixture
def reception(house: Site) -> None:
    """NOW is a Tuesday, 15:00 in Tokyo."""
    schedules.add(Acting(house, ADMIN, NOW), "Office", [TimeWindow(day, 540, 1080) for day in range(5)])
    modes = DoorRules("entrance", DoorMode.CARD, (ScheduledMode("Office", DoorMode.UNLOCKED),))
    rule_books.publish(
        Acting(house, ADMIN, NOW), RuleBook(areas={"floor": FLOOR}, doors={"entrance": modes}), "modes"
    )


def mode(house: Site) -> DoorModeNow:
    return door_modes(Acting(house, VIEWER, NOW))["entrance"]


CLOSES = NextChange(later(hours=3).utc, DoorMode.CARD)


def test_door_without_rules_asks_for_a_badge(house: Site) -> None:
    assert mode(house) == DoorModeNow(DoorMode.CARD)


@pytest.mark.usefixtures("reception")
def test_mode_is_what_this_run_of_the_door_last_said_and_until_when(house: Site) -> None:
    with DoorSide(house) as door:
        assert mode(house) == DoorModeNow(None)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        door.record(EventType.SERVICE_STARTED)
        assert mode(house) == DoorModeNow(None), "of an earlier run"
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        assert mode(house) == DoorModeNow(DoorMode.UNLOCKED, None, CLOSES)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "card"})
        lockdown.begin(Acting(house, ADMIN, NOW), "floor", "drill")
        assert mode(house) == DoorModeNow(DoorMode.CARD, HeldBack.LOCKDOWN, CLOSES)
        door.record(
            EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "card", "held_back": "clock"}
        )
        assert mode(house).held_back is HeldBack.CLOCK


@pytest.mark.usefixtures("reception")
def test_next_change_knows_the_holidays(house: Site) -> None:
    (office,) = [one for one in schedules.all_schedules(Acting(house, ADMIN, NOW)) if one.name == "Office"]
    holiday = [SpecialDay("holiday", (Hours(600, 960),))]
    schedules.edit(Acting(house, ADMIN, NOW), office.id, "Office", office.windows, holiday)
    with unrecorded(house.registry) as db:
        db.execute("INSERT INTO holiday_dates (date, day_type) VALUES ('2026-11-24', 'holiday')")
    with DoorSide(house) as door:
        door.record(EventType.SERVICE_STARTED)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "unlocked"})
        assert mode(house).then == NextChange(later(hours=1).utc, DoorMode.CARD)


@pytest.mark.usefixtures("reception")
def test_mode_of_a_newer_door_is_not_known_here(house: Site) -> None:
    with DoorSide(house) as door:
        door.record(EventType.SERVICE_STARTED)
        door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes={"mode": "revolving"})
        assert mode(house).mode is None
