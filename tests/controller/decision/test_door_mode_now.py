"""Which mode a door is in, minute by minute and by what holds it back."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.decision.door_mode_now import HeldBack, ModeNow, NextChange, door_mode_now, next_change
from controller.decision.facts import SITE, DoorFacts, Facts
from controller.decision.presence import Fact, Presence
from controller.decision.site import SitePolicy
from controller.model.access import Schedule, StandsReleased, TimeWindow
from controller.model.moment import ClockState, Moment
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Schedule("o", "Office", tuple(TimeWindow(day, 9 * 60, 18 * 60) for day in range(5)))
NIGHT = Schedule("n", "Night", tuple(TimeWindow(day, 22 * 60, 6 * 60) for day in range(7)))
ALWAYS = Schedule("a", "Always", always=True)
FLOOR = Area("floor", "Floor", "フロア", ("entrance-in", "side-in"), ("entrance-out",))
ENTRIES = ("entrance-in",)


def at(hour: int, minute: int = 0, day: int = 2, clock: ClockState = ClockState.HOLDOVER) -> Moment:
    """In Tokyo, in March 2027; the 2nd is a Tuesday, the 6th a Saturday."""
    utc = datetime(2027, 3, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)
    return Moment(utc, 1_000_000, "b" * 32, clock)


def facts(*scheduled: ScheduledMode, mode: DoorMode = DoorMode.CARD, clock: str = "refuse") -> Facts:
    return Facts(
        SitePolicy(TOKYO, clock, time(4)),
        RuleBook(3, {"floor": FLOOR}, {"entrance": DoorRules("entrance", mode, scheduled)}),
        Presence(),
        schedules={one.name: one for one in (OFFICE, NIGHT, ALWAYS)},
    )


def mode(facts: Facts, now: Moment) -> DoorMode:
    return door_mode_now("entrance", ENTRIES, facts, now).mode


OPEN = ScheduledMode("Office", DoorMode.UNLOCKED)
SV_FIRST = ScheduledMode("Office", DoorMode.UNLOCKED, ("sv",))


def test_door_without_rules_asks_for_a_card() -> None:
    assert door_mode_now("cellar", (), facts(OPEN), at(12)) == ModeNow(DoorMode.CARD)


def test_first_scheduled_mode_that_is_open_holds_and_else_the_doors_own() -> None:
    both = facts(
        ScheduledMode("Night", DoorMode.BLOCKED),
        OPEN,
        ScheduledMode("Always", DoorMode.CARD_PIN),
        mode=DoorMode.LOCKED,
    )
    assert [mode(both, at(hour)) for hour in (5, 8, 9, 17, 18, 22)] == [
        DoorMode.BLOCKED,
        DoorMode.CARD_PIN,
        DoorMode.UNLOCKED,
        DoorMode.UNLOCKED,
        DoorMode.CARD_PIN,
        DoorMode.BLOCKED,
    ]
    assert mode(facts(OPEN, mode=DoorMode.LOCKED), at(12, day=6)) is DoorMode.LOCKED
    assert mode(facts(OPEN), at(17, 59)) is DoorMode.UNLOCKED
    assert mode(facts(OPEN), at(18, 0)) is DoorMode.CARD


def test_schedule_that_is_gone_is_never_open() -> None:
    assert mode(facts(ScheduledMode("Gone", DoorMode.UNLOCKED)), at(12)) is DoorMode.CARD


@pytest.mark.parametrize("where", ["floor", SITE])
def test_lockdown_of_what_lies_behind_it_unlocks_no_door(where: str) -> None:
    locked = replace(facts(OPEN), lockdowns=frozenset({where}))
    assert door_mode_now("entrance", ENTRIES, locked, at(12)) == ModeNow(DoorMode.CARD, HeldBack.LOCKDOWN)
    blocked = replace(facts(mode=DoorMode.BLOCKED), lockdowns=frozenset({where}))
    assert door_mode_now("entrance", ENTRIES, blocked, at(12)) == ModeNow(DoorMode.BLOCKED)


def test_lockdown_elsewhere_changes_nothing() -> None:
    elsewhere = replace(facts(OPEN), lockdowns=frozenset({"archive"}))
    assert mode(elsewhere, at(12)) is DoorMode.UNLOCKED


def test_lockdown_of_the_area_around_unlocks_no_door_within_it() -> None:
    plain = facts(OPEN)
    floor = replace(plain.book.areas["floor"], within="building")
    building = Area("building", "Building", "建物", ("gate",), ())
    book = replace(plain.book, areas={**plain.book.areas, "floor": floor, "building": building})
    locked = replace(plain, book=book, lockdowns=frozenset({"building"}))
    assert door_mode_now("entrance", ENTRIES, locked, at(12)) == ModeNow(DoorMode.CARD, HeldBack.LOCKDOWN)


def came_in(
    facts_now: Facts, category: str, utc: datetime, point: str = "entrance-in", seq: int = 1
) -> Facts:
    assert facts_now.presence is not None
    facts_now.presence.apply(
        Fact(
            seq,
            "access_granted",
            utc,
            "b" * 32,
            1,
            access_point=point,
            direction="in",
            person=f"{category}{seq}",
            codes={"area": "floor", "category": category},
        )
    )
    return facts_now


def test_unlocked_waits_until_one_of_the_categories_has_come_in_since_the_window_began() -> None:
    facts_now = facts(SV_FIRST)
    waits = ModeNow(DoorMode.CARD, HeldBack.FIRST_PERSON)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(9)) == waits
    came_in(facts_now, "sv", at(8, 59).utc)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(9, 1)) == waits, "who came before does not count"
    came_in(facts_now, "agency", at(9, 1).utc, seq=2)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(9, 2)) == waits
    came_in(facts_now, "sv", at(9, 3).utc, "side-in", seq=3)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(9, 3)) == ModeNow(DoorMode.UNLOCKED)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(18, 1)) == ModeNow(DoorMode.CARD)
    assert door_mode_now("entrance", ENTRIES, facts_now, at(9, day=3)) == waits, "every window waits again"


def test_window_over_midnight_waits_once() -> None:
    facts_now = came_in(facts(ScheduledMode("Night", DoorMode.UNLOCKED, ("sv",))), "sv", at(22, 5).utc)
    assert mode(facts_now, at(22, 6)) is DoorMode.UNLOCKED
    assert mode(facts_now, at(5, 59, day=3)) is DoorMode.UNLOCKED
    assert mode(facts_now, at(22, 0, day=3)) is DoorMode.CARD


def test_window_that_never_ends_begins_again_with_the_day_of_the_site() -> None:
    facts_now = came_in(facts(ScheduledMode("Always", DoorMode.UNLOCKED, ("sv",))), "sv", at(8).utc)
    assert mode(facts_now, at(3, 59, day=3)) is DoorMode.UNLOCKED
    assert mode(facts_now, at(4, 0, day=3)) is DoorMode.CARD


def test_while_it_is_not_known_who_is_inside_the_door_waits() -> None:
    facts_now = replace(facts(SV_FIRST), presence=None)
    assert mode(facts_now, at(12)) is DoorMode.CARD


def test_clock_that_cannot_be_trusted_unlocks_nothing_and_the_strictest_mode_holds() -> None:
    doubtful = at(12, clock=ClockState.UNTRUSTED)
    facts_now = facts(OPEN, ScheduledMode("Night", DoorMode.BLOCKED))
    assert door_mode_now("entrance", ENTRIES, facts_now, doubtful) == ModeNow(
        DoorMode.BLOCKED, HeldBack.CLOCK
    )
    assert mode(facts(OPEN), doubtful) is DoorMode.CARD
    assert (
        mode(facts(ScheduledMode("Night", DoorMode.CARD), mode=DoorMode.UNLOCKED), doubtful) is DoorMode.CARD
    )


def test_site_that_allows_a_doubtful_clock_takes_the_doors_own_mode() -> None:
    doubtful = at(12, clock=ClockState.UNTRUSTED)
    night = ScheduledMode("Night", DoorMode.BLOCKED)
    assert mode(facts(OPEN, night, clock="allow"), doubtful) is DoorMode.CARD
    assert mode(facts(night, mode=DoorMode.UNLOCKED, clock="allow"), doubtful) is DoorMode.CARD


def test_mode_that_no_clock_decides_holds_regardless_of_the_clock() -> None:
    doubtful = at(12, clock=ClockState.UNTRUSTED)
    assert mode(facts(mode=DoorMode.UNLOCKED), doubtful) is DoorMode.UNLOCKED
    assert mode(facts(ScheduledMode("Always", DoorMode.UNLOCKED)), doubtful) is DoorMode.UNLOCKED


@pytest.mark.parametrize("archive", [DoorFacts(is_open=True), DoorFacts(is_released=True)])
def test_interlock_unlocks_no_door_while_another_is_open_or_released(archive: DoorFacts) -> None:
    both = InterlockSetting(RuleMode.ENFORCE, ("archive", "entrance"))
    waits = interlocked(both, archive)
    assert door_mode_now("entrance", ENTRIES, waits, at(12)) == ModeNow(DoorMode.CARD, HeldBack.INTERLOCK)
    free = interlocked(both, DoorFacts())
    assert door_mode_now("entrance", ENTRIES, free, at(12)) == ModeNow(DoorMode.UNLOCKED)
    observed = interlocked(replace(both, mode=RuleMode.OBSERVE), archive)
    assert door_mode_now("entrance", ENTRIES, observed, at(12)) == ModeNow(DoorMode.UNLOCKED)
    released = replace(
        waits, doors={**waits.doors, "entrance": DoorFacts(stands_released=StandsReleased.MODE)}
    )
    assert door_mode_now("entrance", ENTRIES, released, at(12)) == ModeNow(DoorMode.UNLOCKED)


def interlocked(setting: InterlockSetting, archive: DoorFacts) -> Facts:
    rules = DoorRules("entrance", DoorMode.UNLOCKED, rules={RuleName.INTERLOCK: setting})
    return replace(facts(), book=RuleBook(doors={"entrance": rules}), doors={"archive": archive})


def test_next_change_is_the_first_at_which_another_mode_is_asked_for() -> None:
    facts_now = facts(OPEN, ScheduledMode("Night", DoorMode.BLOCKED))
    assert next_change("entrance", facts_now, at(12).utc) == NextChange(at(18).utc, DoorMode.CARD)
    assert next_change("entrance", facts_now, at(18).utc) == NextChange(at(22).utc, DoorMode.BLOCKED)
    assert next_change("entrance", facts(OPEN), at(19, day=5).utc) == NextChange(
        at(9, day=8).utc, DoorMode.UNLOCKED
    ), "over the weekend"


def test_door_that_never_changes_has_no_next_change() -> None:
    always = ScheduledMode("Always", DoorMode.LOCKED)
    assert next_change("entrance", facts(always, OPEN), at(12).utc) is None
    assert next_change("cellar", facts(OPEN), at(12).utc) is None


def test_mode_agrees_with_a_walk_through_every_minute_of_a_week() -> None:
    facts_now = facts(OPEN, ScheduledMode("Night", DoorMode.CARD_PIN))
    start = at(0).utc
    moments = [start + timedelta(minutes=minute) for minute in range(7 * 1440)]
    seen = [mode(facts_now, replace(at(0), utc=utc)) for utc in moments]
    changes = [
        (utc, now) for utc, before, now in zip(moments[1:], seen, seen[1:], strict=False) if now is not before
    ]
    walked, utc = [], start
    while (change := next_change("entrance", facts_now, utc)) is not None and change.utc <= moments[-1]:
        walked.append((change.utc, change.mode))
        utc = change.utc
    assert walked == changes
