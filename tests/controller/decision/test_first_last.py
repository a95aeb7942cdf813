"""First in and last out, beside a slow reference; nights, months and days that end at another hour."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.decision.first_last import DAYS_KEPT, FirstLast
from controller.decision.presence import Fact
from tests.controller.decision.test_presence import FIRST, outcome

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 11, 20, tzinfo=UTC)


def tap(seq: int, person: str, utc: datetime, inward: bool) -> Fact:
    codes = {"area" if inward else "left": "floor"}
    return replace(FIRST, seq=seq, person=person, utc=utc, direction="in" if inward else "out", codes=codes)


def shifts(chance: random.Random) -> list[Fact]:
    """Some days of some people's shifts, overnight too; now and then a door that nobody opened."""
    taps: list[tuple[datetime, str, bool]] = []
    for day in range(chance.randrange(1, 6)):
        for person in ("p1", "p2", "p3"):
            begins = START + timedelta(days=day, minutes=chance.randrange(24 * 60))
            taps.append((begins, person, True))
            taps.append((begins + timedelta(minutes=chance.randrange(1, 14 * 60)), person, False))
    facts: list[Fact] = []
    for utc, person, inward in sorted(taps):
        facts.append(tap(len(facts) + 1, person, utc, inward))
        if inward and chance.random() < 0.1:
            facts.append(outcome(len(facts) + 1, len(facts), "not_opened"))
    return facts


def reference(facts: list[Fact], zone: ZoneInfo, day_ends: time) -> dict[date, tuple[int | None, int | None]]:
    """Each day by itself: everything whose wall clock lies from its begin to the next day's."""
    cancelled = {fact.code("of") for fact in facts if fact.type == "access_outcome"}
    taps = [fact for fact in facts if fact.type == "access_granted" and fact.seq not in cancelled]
    found: dict[date, tuple[int | None, int | None]] = {}
    day = START.date() - timedelta(days=2)
    while day < START.date() + timedelta(days=12):
        begins, ends = (datetime.combine(day + timedelta(days=n), day_ends) for n in (0, 1))
        that_day = [f for f in taps if begins <= f.utc.astimezone(zone).replace(tzinfo=None) < ends]
        entries = [f.seq for f in that_day if f.code("area")]
        exits = [f.seq for f in that_day if f.code("left")]
        if that_day:
            found[day] = (min(entries, default=None), max(exits, default=None))
        day += timedelta(days=1)
    return found


def test_who_left_without_having_been_seen_coming_in_is_marked() -> None:
    fold = FirstLast(TOKYO, time(4))
    seen = tap(1, "p1", START, inward=False)
    fold.apply(seen)
    fold.apply(replace(seen, seq=2, codes={"left": "archive", "warning": "staff_mix_low,out_without_in"}))
    archive, floor = fold.days()
    assert archive.last is not None and archive.last.missed
    assert floor.last is not None and not floor.last.missed


@pytest.mark.parametrize("day_ends", [time(0), time(4), time(12, 30)])
@pytest.mark.parametrize("zone", [TOKYO, ZoneInfo("Europe/Berlin")])
def test_five_hundred_shift_patterns_match_a_slow_reference(zone: ZoneInfo, day_ends: time) -> None:
    """Faults J2, nights included."""
    for seed in range(500):
        facts = shifts(random.Random(seed))
        fold = FirstLast(zone, day_ends)
        for fact in facts:
            fold.apply(fact)
        found = {d.day: (d.first and d.first.seq, d.last and d.last.seq) for d in fold.days()}
        assert found == reference(facts, zone, day_ends), seed


def test_night_shift_is_one_day_where_the_day_ends_at_noon() -> None:
    evening, morning = datetime(2026, 11, 24, 13, tzinfo=UTC), datetime(2026, 11, 24, 22, tzinfo=UTC)
    for ends, days in ((time(4), 2), (time(12), 1)):
        fold = FirstLast(TOKYO, ends)
        fold.apply(tap(1, "p1", evening, True))
        fold.apply(tap(2, "p1", morning, False))
        assert len(fold.days()) == days


def test_days_long_past_are_let_go() -> None:
    fold = FirstLast(TOKYO, time(4))
    for day in range(DAYS_KEPT + 10):
        fold.apply(tap(day + 1, "p1", START + timedelta(days=day), True))
    days = [one.day for one in fold.days()]
    assert len(days) == DAYS_KEPT and days == sorted(days, reverse=True)
