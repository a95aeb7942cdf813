"""What every rule says of a request, in order: what it saw, and which one decided.

Asks on after the first refusal, so that somebody sees at once all that stands in the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controller.decision.access import RULES, Verdict, ask, decide
from controller.decision.explain_person import SAW_OF_PERSON
from controller.decision.facts import Facts
from controller.model.access import AccessRequest, Direction
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rule_book import RuleMode, RuleName

Saw = Callable[[AccessRequest, Moment, Facts, Any], Mapping[str, Json]]
SAW: Mapping[str, Saw] = SAW_OF_PERSON  # by the rule's title; a test walks RULES


class Said(StrEnum):
    PASSES = "passes"
    REFUSES = "refuses"
    WOULD_REFUSE = "would_refuse"  # observed only
    WARNS = "warns"
    OFF = "off"


@dataclass(frozen=True)
class RuleSaid:
    """`decides`: the refusal that counts. Outward none does, since nobody is hindered from leaving."""

    title: str
    name: RuleName | None
    mode: RuleMode
    saw: Mapping[str, Json]
    said: Said
    answer: DenyReason | AccessWarning | None = None
    decides: bool = False


@dataclass(frozen=True)
class Explanation:
    rules: tuple[RuleSaid, ...]
    verdict: Verdict
    leaving: bool

    @property
    def admitted(self) -> bool:
        return self.leaving or self.verdict.reason is None


def explain(request: AccessRequest, now: Moment, facts: Facts) -> Explanation:
    settings = facts.book.rules_at(request.door, request.access_point)
    leaving = request.direction is Direction.OUT
    lines: list[RuleSaid] = []
    refused = False
    for rule in RULES:
        answer, mode = ask(rule, request, now, facts, settings)
        said = _said(answer, mode)
        setting = None if rule.name is None else settings.get(rule.name)
        saw = (
            {}
            if mode is RuleMode.OFF or rule.title not in SAW
            else SAW[rule.title](request, now, facts, setting)
        )
        decides = said is Said.REFUSES and not refused and not leaving
        refused = refused or said is Said.REFUSES
        lines.append(RuleSaid(rule.title, rule.name, mode, saw, said, answer, decides))
    return Explanation(tuple(lines), decide(request, now, facts), leaving)


def _said(answer: DenyReason | AccessWarning | None, mode: RuleMode) -> Said:
    if mode is RuleMode.OFF:
        return Said.OFF
    if answer is None:
        return Said.PASSES
    if isinstance(answer, AccessWarning):
        return Said.WARNS
    return Said.WOULD_REFUSE if mode is RuleMode.OBSERVE else Said.REFUSES
