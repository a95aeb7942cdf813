"""Every rule in order, its observations and its result; the rule that decides is the one that decided."""

from itertools import product

from controller.decision.access import RULES, decide
from controller.decision.explain import RuleResult, explain
from controller.model.access import AccessRecord, Direction
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.reasons import AccessWarning, DenyReason
from tests.controller.decision.explained_situations import ALL_RULES, situations
from tests.controller.decision.samples import ALWAYS, NOON, PLAIN_FACTS, badge, tap, utc, weekly
from tests.controller.decision.situations import SV, many, passed, site_facts, taps, who

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
    found = explain(tap(badge()), NOON, PLAIN_FACTS)
    assert [line.title for line in found.rules] == [rule.title for rule in RULES]


def test_rule_that_decides_is_the_one_that_decided() -> None:
    for record, direction in product(BADGES, Direction):
        request = tap(record, direction)
        found, verdict = explain(request, NOON, PLAIN_FACTS), decide(request, NOON, PLAIN_FACTS)
        assert found.verdict == verdict
        decided = [line.answer for line in found.rules if line.decides]
        if direction is Direction.OUT:
            assert (decided, found.admitted) == ([], True)
        else:
            assert decided == ([] if verdict.reason is None else [verdict.reason])
            assert found.admitted == (verdict.reason is None)


def test_under_all_rules_the_one_that_decides_is_the_one_that_decided() -> None:
    reasons = set()
    for request, facts in situations():
        found, verdict = explain(request, NOON, facts), decide(request, NOON, facts)
        assert found.verdict == verdict
        decided = [line.answer for line in found.rules if line.decides]
        leaving = request.direction is Direction.OUT
        assert decided == ([] if leaving or verdict.reason is None else [verdict.reason])
        warned = {line.answer for line in found.rules if line.result is RuleResult.WARNS}
        assert warned >= set(verdict.warnings)
        applied = [
            line for line in found.rules if line.result not in (RuleResult.OFF, RuleResult.NOT_APPLIED)
        ]
        assert [line.title for line in applied if not line.observations] == []
        reasons.add(verdict.reason)
    assert len(reasons) > 12, reasons


def test_leaving_asks_nothing_of_the_site_and_reports_those_who_stay() -> None:
    record, log = who(SV), (passed("p-71ab", SV), *many(4))
    found = explain(taps(record, "entrance-out"), NOON, site_facts(*ALL_RULES, log=log))
    assert {line.result for line in found.rules if line.name is not None} == {RuleResult.NOT_APPLIED}
    assert [(line.answer, line.observations) for line in found.rules if line.title == "leaving"] == [
        (AccessWarning.LAST_SUPERVISOR_LEFT, {"inside": 5, "supervisors": 1}),
        (AccessWarning.STAFF_MIX_LOW, {"inside": 5, "supervisors": 1}),
    ]


def test_rules_behind_the_first_refusal_are_asked_too() -> None:
    found = explain(tap(badge(status=CredentialStatus.LOST, schedules=())), NOON, PLAIN_FACTS)
    refused = {line.answer: line.decides for line in found.rules if line.result is RuleResult.REFUSES}
    assert refused[DenyReason.CREDENTIAL_LOST]
    assert refused[DenyReason.NO_ACCESS_HERE] is False
