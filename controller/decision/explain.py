"""The result of every rule for a request, in order: its observations, and which one decided.

It continues after the first refusal, so that all obstacles show at the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.decision.access import RULES, Verdict, apply_rule, decide
from controller.decision.facts import Facts
from controller.decision.leaving import leaving as leaving_warnings
from controller.decision.observations import UNKNOWN
from controller.model.access import AccessRequest, Direction, StandsReleased
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode

LEAVING = "leaving"  # not in RULES, because it only warns a person who leaves an area


class RuleResult(StrEnum):
    PASSES = "passes"
    REFUSES = "refuses"
    WAITS = "waits"  # for a second person: neither refused nor admitted
    WOULD_REFUSE = "would_refuse"  # in observe mode
    WARNS = "warns"
    OFF = "off"
    NOT_APPLIED = "not_applied"  # to a person who leaves


@dataclass(frozen=True)
class RuleExplanation:
    """`decides`: the refusal, or the wait, that counts. Outward none does, since nobody is hindered from
    leaving; nor does any at a door that is kept released.
    """

    title: str
    name: RuleName | None
    mode: RuleMode
    observations: Mapping[str, Json]
    result: RuleResult
    answer: DenyReason | AccessWarning | None = None
    decides: bool = False


@dataclass(frozen=True)
class Explanation:
    rules: tuple[RuleExplanation, ...]
    verdict: Verdict
    leaving: bool
    stands_released: StandsReleased | None = None

    @property
    def only_warns(self) -> bool:
        """Whether no rule can keep anybody out here."""
        return self.leaving or self.stands_released is not None

    @property
    def admitted(self) -> bool:
        return self.only_warns or self.verdict.reason is None


def explain(request: AccessRequest, now: Moment, facts: Facts) -> Explanation:
    settings = facts.book.rules_at(request.door, request.access_point)
    leaving, override = request.direction is Direction.OUT, facts.release_override(request)
    lines: list[RuleExplanation] = []
    refused = False
    for rule in RULES:
        setting = None if rule.name is None else settings.get(rule.name)
        answer, mode = apply_rule(rule, request, now, facts, settings=settings)
        result = RuleResult.NOT_APPLIED if leaving and rule.is_entry_only else _result(answer, mode)
        is_idle = result in (RuleResult.OFF, RuleResult.NOT_APPLIED)
        observations = {} if is_idle else rule.observations(request, now, facts, setting)
        stops = result in (RuleResult.REFUSES, RuleResult.WAITS)
        decides = stops and not (refused or leaving or override)
        refused = refused or stops
        lines.append(
            RuleExplanation(
                title=rule.title,
                name=rule.name,
                mode=mode,
                observations=observations,
                result=result,
                answer=answer,
                decides=decides,
            )
        )
    return Explanation(
        (*lines, *_explain_leaving(request, facts)), decide(request, now, facts), leaving, override
    )


def _explain_leaving(request: AccessRequest, facts: Facts) -> list[RuleExplanation]:
    """The warnings for a person who leaves an area."""
    area = facts.book.area_left(request.access_point)
    if area is None or request.record is None:
        return []
    if facts.presence is None:
        observations: Mapping[str, Json] = UNKNOWN
    else:
        supervisors = facts.presence.count_of(area.name, facts.book.supervisors)
        observations = {"inside": facts.presence.count(area.name), "supervisors": supervisors}
    answers: tuple[AccessWarning | None, ...] = leaving_warnings(request, facts) or (None,)
    return [
        RuleExplanation(
            title=LEAVING,
            name=None,
            mode=RuleMode.ENFORCE,
            observations=observations,
            result=RuleResult.WARNS if answer else RuleResult.PASSES,
            answer=answer,
        )
        for answer in answers
    ]


def _result(answer: DenyReason | AccessWarning | None, mode: RuleMode) -> RuleResult:
    if mode is RuleMode.OFF:
        return RuleResult.OFF
    if answer is None:
        return RuleResult.PASSES
    if isinstance(answer, AccessWarning):
        return RuleResult.WARNS
    if mode is RuleMode.OBSERVE:
        return RuleResult.WOULD_REFUSE
    return RuleResult.WAITS if answer is DenyReason.SECOND_PERSON_NEEDED else RuleResult.REFUSES
