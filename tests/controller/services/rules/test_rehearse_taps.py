"""The taps of a log asked again: what follows from a changed result, and what that changes for others."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.decision.rehearsal import Rehearsal
from controller.model.access import AccessRequest, Direction
from controller.model.credentials import CredentialKind
from controller.model.events import EventType
from controller.model.fact import Fact
from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.registry import standing as standing_rows
from controller.registry.standing import Standing
from controller.services.acting import Acting
from controller.services.explain.current_facts import access_record, facts_now
from controller.services.rules import books as rule_books
from controller.services.rules.rehearse import RehearsalResult, rehearse
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.services.floor_book import book
from tests.controller.services.tap_log import Log
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, later

ENFORCE = RuleMode.ENFORCE
NOT_ALONE = {RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(ENFORCE, ("agency",))}
SIGNED = {RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",))}
ONCE = {RuleName.ANTI_PASSBACK: AntiPassbackSetting(ENFORCE, area=True)}
ABSENT, UNSIGNED = DenyReason.SUPERVISOR_ABSENT, DenyReason.QUALIFICATION_MISSING


@pytest.fixture
def log(site: Site) -> Iterator[Log]:
    with DoorSide(site) as door:
        yield Log(site, door)


def signs(log: Log, person: str) -> None:
    with unrecorded(log.site.registry) as db:
        until = later(days=400).utc.date()
        category = standing_rows.standing(db, person).category
        standing_rows.save_standing(db, person, Standing(category, (("nda", until),)))


def rehearsed(log: Log, in_force: RuleBook, edited: RuleBook) -> RehearsalResult:
    rule_books.publish(Acting(log.site, MACHINE, NOW), in_force, "in force")
    return rehearse(Acting(log.site, MACHINE, NOW), edited)


def changes_of(found: RehearsalResult) -> list[tuple[str, DenyReason | None, DenyReason | None, bool]]:
    """Oldest first."""
    return [(one.name, one.before, one.after, one.follows) for one in reversed(found.changes)]


def test_supervisor_who_would_be_refused_is_wanting_to_those_after(log: Log) -> None:
    boss, agency = log.person("Boss", "sv"), log.person("Hiroshi", "agency")
    signs(log, agency)
    log.tap(boss, 50)
    log.tap(agency, 40)
    found = rehearsed(log, book(NOT_ALONE), book(NOT_ALONE | SIGNED))
    assert changes_of(found) == [("Boss", None, UNSIGNED, False), ("Hiroshi", None, ABSENT, True)]


def test_supervisor_who_would_be_admitted_admits_those_after(log: Log) -> None:
    boss, agency = log.person("Boss", "sv"), log.person("Hiroshi", "agency")
    signs(log, agency)
    log.tap(boss, 50, UNSIGNED)
    log.tap(agency, 40, ABSENT)
    found = rehearsed(log, book(NOT_ALONE | SIGNED), book(NOT_ALONE))
    assert changes_of(found) == [("Boss", UNSIGNED, None, False), ("Hiroshi", ABSENT, None, True)]


def test_change_that_is_by_itself_does_not_follow(log: Log) -> None:
    for minutes, name in ((50, "Ichiro"), (40, "Jiro")):
        log.tap(log.person(name), minutes)
    assert [one[3] for one in changes_of(rehearsed(log, book(), book(SIGNED)))] == [False, False]


def test_second_try_of_who_would_be_in_already_is_not_held_against_them(log: Log) -> None:
    person = log.person("Hiroshi")
    log.tap(person, 50, UNSIGNED)
    log.tap(person, 49)  # signed meanwhile, as the log has it
    log.tap(person, 20, out=True)
    log.tap(person, 10)
    found = rehearsed(log, book(ONCE | SIGNED), book(ONCE))
    assert changes_of(found) == [("Hiroshi", UNSIGNED, None, False)]
    assert found.not_attempted == 1


def test_who_would_be_admitted_counts_as_inside_until_the_day_is_over(log: Log) -> None:
    boss, agency = log.person("Boss", "sv"), log.person("Hiroshi", "agency")
    signs(log, agency)
    log.tap(boss, 40 * 60, UNSIGNED)
    log.tap(agency, 39 * 60, ABSENT)
    log.tap(agency, 10, ABSENT)
    found = rehearsed(log, book(NOT_ALONE | SIGNED), book(NOT_ALONE))
    assert [one[0] for one in changes_of(found)] == ["Boss", "Hiroshi"]


def test_who_would_be_refused_leaves_no_trace_by_leaving_and_may_come_again(log: Log) -> None:
    boss, agency = log.person("Boss", "sv"), log.person("Hiroshi", "agency")
    signs(log, agency)
    log.tap(boss, 50)
    log.tap(boss, 45, out=True)
    log.tap(agency, 40, ABSENT)
    assert [one[0] for one in changes_of(rehearsed(log, book(NOT_ALONE), book(NOT_ALONE | SIGNED)))] == [
        "Boss"
    ]


def test_first_of_two_is_inside_once_the_second_has_come(log: Log) -> None:
    one, two, three = (log.person(name) for name in ("Ichiro", "Jiro", "Saburo"))
    in_pairs = {RuleName.DUAL_ACCESS: DualAccessSetting(ENFORCE, 15, unless_inside=2)}
    log.tap(one, 50)
    log.tap(two, 50 - 0.1)
    log.tap(three, 30)
    assert changes_of(rehearsed(log, book(), book(in_pairs))) == []
    full = {RuleName.OCCUPANCY: OccupancySetting(ENFORCE, most=2)}
    assert changes_of(rehearsed(log, book(), book(in_pairs | full))) == [
        ("Saburo", None, DenyReason.OCCUPANCY_FULL, False)
    ]


def test_lockdown_is_that_of_the_log_for_both_books(log: Log) -> None:
    boss, agency = log.person("Boss", "sv"), log.person("Hiroshi", "agency")
    log.lockdown(60, "begun")
    log.tap(agency, 50, "lockdown")
    log.lockdown(40, "ended")
    log.tap(boss, 30, out=True)
    log.lockdown(25, "begun", "floor")
    log.tap(boss, 20, "lockdown")
    log.lockdown(15, "ended", "floor")
    log.tap(agency, 10)
    found = rehearsed(log, book(), book(NOT_ALONE))
    assert found.taps == 3
    assert changes_of(found) == [("Hiroshi", None, ABSENT, False)]


EVERY = book(
    NOT_ALONE
    | SIGNED
    | ONCE
    | {
        RuleName.OCCUPANCY: OccupancySetting(ENFORCE, most=3),
        RuleName.STAFF_MIX: StaffMixSetting(ENFORCE, people_per_supervisor=2),
    }
)


@pytest.mark.parametrize("seed", range(4))
def test_rules_by_which_the_log_was_written_change_nothing(log: Log, seed: int) -> None:
    """With any version in force now."""
    chance = random.Random(seed)
    people = [log.person(f"P{n}", chance.choice(("sv", "agency", None))) for n in range(6)]
    for person in people[::2]:
        signs(log, person)
    with log.site.registry.read() as db:
        facts = replace(facts_now(log.site, db), book=EVERY)
        records = {one: access_record(log.site, db, log.badges[one], "entrance-in") for one in people}
        categories = {one: standing_rows.category_of(db, one) for one in people}
    then = Rehearsal(facts, lambda *_: DoorMode.CARD, categories.get)
    for minutes in range(3000, 0, -25):
        person, out = chance.choice(people), chance.random() < 0.4
        at = later(minutes=-minutes)
        point, direction = ("entrance-out", Direction.OUT) if out else ("entrance-in", Direction.IN)
        fact = Fact(0, "", at.utc, at.boot, at.mono_ms, "entrance", point, direction.value, person=person)
        request = AccessRequest(
            "entrance", point, "entrance-in", direction, CredentialKind.FELICA, b"", "", records[person], 0
        )
        reason = None if out else then.judge(request, fact, at).reason
        if reason is None and chance.random() < 0.1:
            reason = DenyReason.CREDENTIAL_SUSPENDED  # the badge was, and is not any more
        seq = log.tap(person, minutes, reason, out)
        kind = EventType.ACCESS_GRANTED if reason is None else EventType.ACCESS_DENIED
        then.happened(replace(fact, seq=seq, type=kind.value))
    found = rehearsed(log, book(), EVERY)
    assert found.taps > 50
    assert (found.changes, found.not_attempted) == ((), 0)
