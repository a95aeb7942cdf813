"""Every rule in order, what it saw and what it said; and the one that decides is the one that decided."""

from itertools import product

from controller.decision.access import RULES, decide
from controller.decision.explain import SAW, Said, explain
from controller.model.access import AccessRecord, Direction
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import ALWAYS, HOUSE, NOON, badge, tap, utc, weekly

BADGES: list[AccessRecord | None] = [None]
BADGES += [
    badge(status=status, holder=holder, valid_until=until, schedules=schedules)
    for status, holder, until, schedules in product(
        (CredentialStatus.ACTIVE, CredentialStatus.LOST),
        (CardholderStatus.ACTIVE, CardholderStatus.SUSPENDED),
        (None, utc("2026-11-24 12:00")),
        ((), (ALWAYS,), (weekly((0, "09:00", "10:00")),)),
    )
]


def test_every_rule_has_something_to_show_of_what_it_saw() -> None:
    assert [rule.title for rule in RULES if rule.title not in SAW] == []
    found = explain(tap(badge()), NOON, HOUSE)
    assert [line.title for line in found.rules] == [rule.title for rule in RULES]


def test_rule_that_decides_is_the_one_that_decided() -> None:
    for record, direction in product(BADGES, Direction):
        request = tap(record, direction)
        found, verdict = explain(request, NOON, HOUSE), decide(request, NOON, HOUSE)
        assert found.verdict == verdict
        decided = [line.answer for line in found.rules if line.decides]
        if direction is Direction.OUT:
            assert (decided, found.admitted) == ([], True)
        else:
            assert decided == ([] if verdict.reason is None else [verdict.reason])
            assert found.admitted == (verdict.reason is None)


def test_rules_behind_the_first_refusal_are_asked_too() -> None:
    found = explain(tap(badge(status=CredentialStatus.LOST, schedules=())), NOON, HOUSE)
    refused = {line.answer: line.decides for line in found.rules if line.said is Said.REFUSES}
    assert refused[DenyReason.CREDENTIAL_LOST]
    assert refused[DenyReason.NO_ACCESS_HERE] is False


def test_schedule_says_which_are_open() -> None:
    morning, evening = weekly((2, "06:00", "13:00")), weekly((2, "18:00", "22:00"))
    found = explain(tap(badge(schedules=(morning, evening))), NOON, HOUSE)
    saw = next(line.saw for line in found.rules if line.title == "schedule")
    assert (saw["weekday"], saw["clock_shows"]) == (2, "12:00")
