"""A rule book followed through, tap by tap: who is elsewhere by it than by the log, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.decision.counterfactual import Counterfactual
from controller.decision.facts import Facts
from controller.decision.rehearsal import Rehearsal, RehearsedVerdict
from controller.model.fact import Fact
from controller.model.reasons import DenyReason
from controller.model.rule_book import Area, DoorMode, RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.setting import RuleSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, REGULAR, passed, site_facts, taps, who

LET_IN = RehearsedVerdict(None)
FULL = RehearsedVerdict(DenyReason.OCCUPANCY_FULL)


class Replay:
    """The edited book over the log, and followed through."""

    def __init__(self, *settings: RuleSetting, within: str = "") -> None:
        facts = site_facts(*settings)
        floor = facts.book.areas["floor"]
        if not within:
            floor = replace(floor, exits=("entrance-out", "archive-in"))
        archive = Area("archive", "Archive", "書庫", ("archive-in",), ("archive-out",), within=within)
        book = RuleBook(1, {"floor": floor, "archive": archive}, categories=facts.book.categories)
        facts = Facts(facts.site, book)
        self.plain = Rehearsal(facts, lambda door, facts, now: DoorMode.CARD, lambda person: REGULAR)
        self.followed = Counterfactual(self.plain, facts.site.day)
        self.seq = 0

    def tap(
        self,
        person: str,
        before: RehearsedVerdict,
        lets_in: bool = True,
        at: str = "entrance-in",
        days: int = 0,
    ) -> RehearsedVerdict | None:
        """`before` by the book in force; `lets_in`: what the log says."""
        fact = self.fact(person, at, days)
        if not lets_in:
            fact = replace(fact, type="access_denied", reason="occupancy_full")
        request = taps(who(person=person), at)
        now = replace(NOON, utc=fact.utc)
        plain = self.plain.judge(request, fact, now)
        after = self.followed.judge(request, fact, now, plain)
        self.followed.advance([], fact, before, after, True)
        self.plain.happened(fact)
        if plain.reason is DenyReason.SECOND_PERSON_NEEDED:
            self.plain.hold_for_second(fact)
        return after

    def leaves(self, person: str, at: str = "entrance-out") -> None:
        fact = replace(self.fact(person, at, 0), direction="out")
        self.followed.advance([], fact, None, None, False)
        self.plain.happened(fact)

    def fact(self, person: str, at: str, days: int) -> Fact:
        self.seq += 1
        fact = passed(person, None, access_point=at, area=None)
        return replace(fact, seq=self.seq, utc=NOON.utc + timedelta(days=days, seconds=self.seq))


def test_same_answers_lead_to_the_log_itself() -> None:
    replay = Replay(OccupancySetting(ENFORCE, most=1))
    assert replay.tap("p-1", LET_IN) == LET_IN
    assert replay.tap("p-2", FULL, lets_in=True) == FULL  # the log differs from both: it is followed
    assert replay.tap("p-3", FULL) == FULL
    assert replay.plain.presence.count("floor") == 3


@pytest.mark.parametrize("within", ["", "floor"])
def test_who_would_be_refused_is_not_there_to_go_further_in(within: str) -> None:
    replay = Replay(OccupancySetting(ENFORCE, most=1), within=within)
    replay.tap("p-1", LET_IN)
    assert replay.tap("p-2", LET_IN) == FULL
    assert replay.tap("p-2", LET_IN, at="archive-in") is None
    replay.leaves("p-2", "archive-out")
    replay.leaves("p-1")
    assert replay.tap("p-3", LET_IN) == LET_IN  # p-2 is nowhere, so there is room


def test_who_would_be_admitted_is_inside_until_the_next_tap_or_the_next_day() -> None:
    replay = Replay(OccupancySetting(ENFORCE, most=1))
    assert replay.tap("p-1", FULL, lets_in=False) == LET_IN
    assert replay.tap("p-1", FULL, lets_in=False) is None
    assert replay.tap("p-2", LET_IN) == FULL
    assert replay.tap("p-3", LET_IN, days=1) == LET_IN
    replay.leaves("p-3")


def test_first_of_two_comes_in_with_the_second() -> None:
    pairs = DualAccessSetting(ENFORCE, 15), OccupancySetting(ENFORCE, most=2)
    replay = Replay(*pairs)
    assert replay.tap("p-1", LET_IN) == RehearsedVerdict(DenyReason.SECOND_PERSON_NEEDED)
    assert replay.tap("p-2", LET_IN) == RehearsedVerdict(None, redeems=1)
    assert replay.tap("p-3", LET_IN) == FULL
