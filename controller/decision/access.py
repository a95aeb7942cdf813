"""May this card pass here now? The rules, and their order, written once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.decision.facts import Facts
from controller.decision.rules.access_level import access_level
from controller.decision.rules.cardholder_status import cardholder_status
from controller.decision.rules.credential_known import credential_known
from controller.decision.rules.credential_status import credential_status
from controller.decision.rules.credential_validity import credential_validity
from controller.decision.rules.schedule import schedule
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rule_book import RuleMode, RuleName

__all__ = ["RULES", "Rule", "SitePolicy", "Verdict", "decide"]

Answer = DenyReason | AccessWarning | None
Basic = Callable[[AccessRequest, Moment, SitePolicy], DenyReason | None]
State = Callable[[AccessRequest, Moment, Facts], DenyReason | None]
Judge = Callable[[AccessRequest, Moment, Facts, Any], Answer]


@dataclass(frozen=True)
class Rule:
    """`judge` gets a setting of the rule book (`name`), or none for a rule that always holds.

    It answers with a refusal, a warning, or None. Outward every refusal is only a warning.
    """

    judge: Judge
    title: str
    name: RuleName | None = None


def _basic(rule: Basic) -> Rule:
    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> DenyReason | None:
        return rule(request, now, facts.site)

    return Rule(judge, rule.__name__)


def _state(rule: State) -> Rule:
    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> DenyReason | None:
        return rule(request, now, facts)

    return Rule(judge, rule.__name__)


def _set(name: RuleName, rule: Judge) -> Rule:
    return Rule(rule, name.value, name)


# The first refusal wins, so this is the order an auditor reads reasons in: what the card is, then whose it
# is, then where, then when, then the state of the house, then with whom.
RULES: tuple[Rule, ...] = (
    _basic(credential_known),
    _basic(credential_status),
    _basic(credential_validity),
    _basic(cardholder_status),
    _basic(access_level),
    _basic(schedule),
)


@dataclass(frozen=True)
class Verdict:
    """`reason`: the first refusal. `observed`: what rules in observe mode would have refused."""

    reason: DenyReason | None = None
    observed: tuple[DenyReason, ...] = ()
    warnings: tuple[AccessWarning, ...] = ()


ADMITTED = Verdict()


def decide(request: AccessRequest, now: Moment, facts: Facts) -> Verdict:
    """Every rule in order, until one refuses."""
    settings = facts.book.rules_at(request.door, request.access_point)
    observed: list[DenyReason] = []
    warnings: list[AccessWarning] = []
    for rule in RULES:
        answer, mode = ask(rule, request, now, facts, settings)
        if answer is None:
            continue
        if isinstance(answer, AccessWarning):
            warnings.append(answer)
        elif mode is RuleMode.OBSERVE:
            observed.append(answer)
        else:
            return Verdict(answer, tuple(observed), tuple(warnings))
    return Verdict(None, tuple(observed), tuple(warnings)) if observed or warnings else ADMITTED


def ask(
    rule: Rule, request: AccessRequest, now: Moment, facts: Facts, settings: Mapping[RuleName, Any]
) -> tuple[Answer, RuleMode]:
    """What one rule says, and how much that counts."""
    if rule.name is None:
        return rule.judge(request, now, facts, None), RuleMode.ENFORCE
    setting = settings.get(rule.name)
    if setting is None or setting.mode is RuleMode.OFF:
        return None, RuleMode.OFF
    return rule.judge(request, now, facts, setting), setting.mode
