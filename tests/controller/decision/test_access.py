from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.decision import rules
from controller.decision.access import ADMITTED, RULES, decide, needs_presence
from controller.decision.facts import DoorFacts, Facts
from controller.model.access import AccessRecord, AccessRequest, PinResult
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from tests.controller.decision.samples import NOON, PLAIN_FACTS, TOKYO, after_ms, badge, tap, utc, weekly
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    OFF,
    VISITOR,
    many,
    passed,
    presence,
    site_facts,
    taps,
    who,
)
from tests.controller.model.rule_books import FULL

YESTERDAY, TOMORROW = utc("2026-11-24 12:00"), utc("2026-11-26 12:00")
NEVER = (weekly(),)
SUSPENDED = CardholderStatus.SUSPENDED


def test_good_badge_in_its_time_and_place_admitted() -> None:
    assert decide(tap(badge()), NOON, PLAIN_FACTS) == ADMITTED


# Each badge fails its own rule and every later one, so only the order decides the reason.
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, DenyReason.CREDENTIAL_UNKNOWN),
        (
            badge(
                status=CredentialStatus.LOST,
                valid_until=YESTERDAY,
                holder=SUSPENDED,
                access_point="x",
                schedules=NEVER,
            ),
            DenyReason.CREDENTIAL_LOST,
        ),
        (
            badge(
                status=CredentialStatus.SUSPENDED,
                valid_until=YESTERDAY,
                holder=SUSPENDED,
                access_point="x",
                schedules=NEVER,
            ),
            DenyReason.CREDENTIAL_SUSPENDED,
        ),
        (
            badge(valid_until=YESTERDAY, holder=SUSPENDED, access_point="x", schedules=NEVER),
            DenyReason.CREDENTIAL_EXPIRED,
        ),
        (
            badge(valid_from=TOMORROW, holder=SUSPENDED, access_point="x", schedules=NEVER),
            DenyReason.CREDENTIAL_NOT_YET_VALID,
        ),
        (badge(holder=SUSPENDED, access_point="x", schedules=NEVER), DenyReason.CARDHOLDER_SUSPENDED),
        (badge(access_point="x", schedules=NEVER), DenyReason.NO_ACCESS_HERE),
        (badge(schedules=NEVER), DenyReason.OUTSIDE_SCHEDULE),
    ],
)
def test_badge_that_fails_several_rules_gets_the_first_reason(
    record: AccessRecord | None, reason: DenyReason
) -> None:
    assert decide(tap(record), NOON, PLAIN_FACTS).reason is reason


def test_every_rule_is_in_the_order_once() -> None:
    """A rule file that nobody lists would be a rule that nobody applies."""
    files = {file.stem for file in Path(rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert sorted(rule.title for rule in RULES) == sorted(files)


# The same for the rules of the area: every rule refuses at this site, and each entry satisfies one more.
def test_rules_of_the_floor_give_their_reasons_in_this_order() -> None:
    wrong = Facts(
        TOKYO,
        RuleBook(1, {"floor": replace(FULL.areas["floor"], entries=("entrance-in",))}, {}, FULL.categories),
        presence(passed(ME), *many(40, AGENCY)),
        frozenset({"floor"}),
        {"entrance": DoorFacts(DoorMode.BLOCKED), "archive": DoorFacts(is_open=True)},
    )
    request = taps(who(AGENCY))
    found = []
    for right in range(len(REASONS)):
        facts, question = wrong, request
        for _, correct in REASONS[:right]:
            facts, question = correct(facts, question)
        found.append(decide(question, after_ms(1), facts).reason)
    assert found == [reason for reason, _ in REASONS]


def _without(name: RuleName) -> Callable[[Facts, AccessRequest], tuple[Facts, AccessRequest]]:
    def correct(facts: Facts, request: AccessRequest) -> tuple[Facts, AccessRequest]:
        floor = facts.book.areas["floor"]
        left = {rule: setting for rule, setting in floor.rules.items() if rule is not name}
        book = replace(facts.book, areas={"floor": replace(floor, rules=left)})
        return replace(facts, book=book), request

    return correct


def _mode(mode: DoorMode) -> Callable[[Facts, AccessRequest], tuple[Facts, AccessRequest]]:
    return lambda facts, request: (
        replace(facts, doors={**facts.doors, "entrance": DoorFacts(mode)}),
        request,
    )


REASONS = (
    (DenyReason.ASSURANCE_TOO_LOW, _without(RuleName.ASSURANCE)),
    (DenyReason.DOOR_BLOCKED, _mode(DoorMode.CARD_PIN)),
    (DenyReason.LOCKDOWN, lambda facts, request: (replace(facts, lockdowns=frozenset()), request)),
    (DenyReason.QUALIFICATION_MISSING, _without(RuleName.QUALIFICATIONS)),
    (DenyReason.PREREQUISITE_MISSING, _without(RuleName.PREREQUISITE)),
    (
        DenyReason.ANTI_PASSBACK,
        lambda facts, request: (replace(facts, presence=presence(*many(40, AGENCY))), request),
    ),
    (DenyReason.FIRST_PERSON_NOT_IN, _without(RuleName.FIRST_PERSON_IN)),
    (DenyReason.SUPERVISOR_ABSENT, lambda facts, request: (facts, replace(request, record=who(VISITOR)))),
    (DenyReason.ESCORT_MISSING, _without(RuleName.ESCORT)),
    (DenyReason.STAFF_MIX, _without(RuleName.STAFF_MIX)),
    (
        DenyReason.OCCUPANCY_FULL,
        lambda facts, request: (replace(facts, presence=presence()), request),
    ),
    (DenyReason.INTERLOCK, _without(RuleName.INTERLOCK)),
    (DenyReason.PIN_REQUIRED, lambda facts, request: (facts, replace(request, pin=PinResult.RIGHT))),
    (DenyReason.SECOND_PERSON_NEEDED, _without(RuleName.DUAL_ACCESS)),
)


def test_presence_is_wanted_where_a_rule_asks_for_it_or_an_area_is_left() -> None:
    asks, off = OccupancySetting(ENFORCE, most=3), OccupancySetting(OFF, most=3)
    assert needs_presence(taps(), site_facts(asks))
    for facts in (site_facts(), site_facts(off), site_facts(AssuranceSetting(ENFORCE, 0)), PLAIN_FACTS):
        assert not needs_presence(taps(), facts)
    assert needs_presence(taps(access_point="entrance-out"), site_facts())
    assert not needs_presence(taps(access_point="street-out"), site_facts())
