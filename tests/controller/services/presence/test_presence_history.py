"""Asked in any order, what is kept gives what a fold of the whole log gives."""

import random
from datetime import timedelta

import pytest

from controller.decision.presence import Presence
from controller.journal.facts import facts_after
from controller.model.events import Event, EventType
from controller.model.fact import Fact
from controller.model.moment import ClockState, Moment
from controller.services.presence.presence_history import PresenceHistory
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW

RECORDS = 4_000


def passage(number: int, chance: random.Random) -> Event:
    way = chance.choice(("in", "out"))
    clock = ClockState.UNTRUSTED if number % 500 == 0 else ClockState.TRUSTED
    later = timedelta(days=9) if clock is ClockState.UNTRUSTED else timedelta()
    at = Moment(NOW.utc + timedelta(seconds=number) + later, 1000 * number, "b" * 32, clock)
    return Event(
        EventType.ACCESS_GRANTED,
        at,
        access_point=f"entrance-{way}",
        direction=way,
        person=f"p{chance.randrange(40)}",
        codes={"area" if way == "in" else "left": "floor"},
    )


def all_facts(site: Site) -> list[Fact]:
    found: list[Fact] = []
    last, upto = -1, 0
    while upto != last:
        last = upto
        with site.journal.snapshot() as connection:
            facts, upto = facts_after(connection, last)
        found += facts
    assert len(found) == RECORDS
    return found


def folded(facts: list[Fact]) -> Presence:
    presence = Presence()
    for fact in facts:
        presence.apply(fact)
    return presence


@pytest.fixture
def facts(site: Site) -> list[Fact]:
    chance = random.Random(4)
    with DoorSide(site) as door:
        door.journal.append([passage(number, chance) for number in range(RECORDS)])
    return all_facts(site)


def test_any_record_asked_for_in_any_order_is_as_a_fold_of_the_whole_log(
    site: Site, facts: list[Fact]
) -> None:
    floors = PresenceHistory(site.journal, every=1000)
    for seq in (4000, 3999, 10, 3500, 1001, 2000, 2001, 4000, 1):
        then = floors.before_record(seq)
        before = [fact for fact in facts if fact.seq < seq]
        assert vars(then.presence) == vars(folded(before))
        assert then.newest == (before[-1] if before else None)


def test_any_moment_asked_for_in_any_order_is_as_a_fold_of_the_whole_log(
    site: Site, facts: list[Fact]
) -> None:
    floors = PresenceHistory(site.journal, every=1000)
    for second in (3999, 3998, 5, 3200, 1000, 1001, 2500, 10**6):
        utc = NOW.utc + timedelta(seconds=second)
        before = []
        for fact in facts:
            if fact.utc >= utc and fact.code("clock") != "untrusted":
                break
            before.append(fact)
        assert vars(floors.before_moment(utc).presence) == vars(folded(before))


def test_what_was_asked_for_is_not_a_part_of_what_is_kept(site: Site, facts: list[Fact]) -> None:
    floors = PresenceHistory(site.journal, every=1000)
    then = floors.before_record(3500)
    for fact in facts:
        then.presence.apply(fact)
    assert vars(floors.before_record(3500).presence) == vars(
        folded([fact for fact in facts if fact.seq < 3500])
    )
