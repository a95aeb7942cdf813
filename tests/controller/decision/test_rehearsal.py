"""A rule book asked about taps of a log: areas as it draws them, passages as they were."""

from dataclasses import replace

from controller.decision.facts import Facts
from controller.decision.rehearsal import Rehearsal, RehearsedVerdict
from controller.model.fact import Fact
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, DoorRules
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.setting import RuleSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, REGULAR, passed, site_facts, taps, who


def rehearsal(*settings: RuleSetting, mode: DoorMode = DoorMode.CARD, unlocked: bool = False) -> Rehearsal:
    facts = site_facts(*settings)
    facts = Facts(facts.site, facts.book)
    if mode is not DoorMode.CARD:
        facts = replace(facts, book=replace(facts.book, doors={"entrance": DoorRules("entrance", mode)}))
    return Rehearsal(
        facts,
        lambda door, facts, now: DoorMode.UNLOCKED if unlocked else DoorMode.CARD,
        lambda person: REGULAR,
    )


def tap(run: Rehearsal, person: str, seq: int, lets_in: bool = True, **codes: str) -> RehearsedVerdict:
    """Rehearse the tap, then apply its record."""
    fact = replace(passed(person, None, area=None), seq=seq)
    if not lets_in:
        fact = replace(fact, type="access_denied", reason="occupancy_full")
    fact = replace(fact, codes={**(fact.codes or {}), **codes})
    answer = run.judge(taps(who(person=person)), fact, NOON)
    run.happened(fact)
    if answer.reason is DenyReason.SECOND_PERSON_NEEDED:
        run.hold_for_second(fact)
    return answer


def test_areas_are_those_of_the_book_and_categories_those_of_now() -> None:
    run = rehearsal()
    tap(run, "p-1", 1)
    assert [(one.person, one.category) for one in run.presence.inside("floor")] == [("p-1", REGULAR)]


def test_who_passed_is_as_the_log_says_regardless_of_the_book() -> None:
    run = rehearsal(OccupancySetting(ENFORCE, most=1))
    assert tap(run, "p-1", 1).reason is None
    assert tap(run, "p-2", 2).reason is DenyReason.OCCUPANCY_FULL
    assert run.presence.count("floor") == 2
    tap(run, "p-3", 3, lets_in=False)
    assert run.presence.count("floor") == 2


def test_outcome_that_nobody_went_through_takes_the_entry_back() -> None:
    run = rehearsal(AntiPassbackSetting(ENFORCE))
    tap(run, "p-1", 1)
    outcome = Fact(
        2, "access_outcome", NOON.utc, NOON.boot, NOON.mono_ms, result="not_opened", codes={"of": 1}
    )
    run.happened(outcome)
    assert tap(run, "p-1", 3).reason is None


def test_second_of_two_redeems_the_first() -> None:
    run = rehearsal(DualAccessSetting(ENFORCE, 15))
    assert tap(run, "p-1", 1) == RehearsedVerdict(DenyReason.SECOND_PERSON_NEEDED)
    assert tap(run, "p-2", 2) == RehearsedVerdict(None, redeems=1)
    assert tap(run, "p-3", 3) == RehearsedVerdict(DenyReason.SECOND_PERSON_NEEDED)


def test_door_that_was_released_admits_regardless_of_the_book() -> None:
    """Unlocked by the mode of the edited book, or by a fire in the log."""
    full = OccupancySetting(ENFORCE, most=1)
    unlocked = rehearsal(full, mode=DoorMode.UNLOCKED, unlocked=True)
    assert [tap(unlocked, person, seq).reason for seq, person in enumerate(("p-1", "p-2"), 1)] == [None, None]
    run = rehearsal(full)
    tap(run, "p-1", 1)
    assert tap(run, "p-2", 2, stands_released="mode").reason is DenyReason.OCCUPANCY_FULL
    assert tap(run, "p-3", 3, stands_released="fire") == RehearsedVerdict(None)
    pairs = rehearsal(DualAccessSetting(ENFORCE, 15))
    assert tap(pairs, "p-1", 1, stands_released="fire").reason is None
    assert tap(pairs, "p-2", 2) == RehearsedVerdict(DenyReason.SECOND_PERSON_NEEDED)


def test_mode_of_the_door_counts() -> None:
    assert tap(rehearsal(mode=DoorMode.BLOCKED), "p-1", 1).reason is DenyReason.DOOR_BLOCKED
