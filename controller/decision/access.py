"""May this card pass here now? The rules and their order, in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from controller.decision.facts import Facts
from controller.decision.leaving import leaving
from controller.decision.observations import Observations
from controller.decision.rule_files import RULE_FILES
from controller.decision.rules import (
    access_level,
    authentication,
    cardholder_status,
    credential_known,
    credential_status,
    credential_validity,
    door_mode,
    lockdown,
    pin,
    rights_on_record,
    schedule,
)
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, Direction
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode

__all__ = ["RULES", "Rule", "SitePolicy", "Verdict", "decide"]

# Looking an enum member up costs as much as a whole rule, and each of twenty rules does it.
_OUT, _OFF, _ENFORCE = Direction.OUT, RuleMode.OFF, RuleMode.ENFORCE
RuleAnswer = DenyReason | AccessWarning | None
Basic = Callable[[AccessRequest, Moment, SitePolicy], RuleAnswer]
State = Callable[[AccessRequest, Moment, Facts], RuleAnswer]
Judge = Callable[[AccessRequest, Moment, Facts, Any], RuleAnswer]
Observe = Callable[[AccessRequest, Moment, Facts, Any], Observations]


@dataclass(frozen=True)
class Rule:
    """`judge` and `observations` receive the setting (`name`), or none for a rule that always applies.
    `observations` returns the facts that the rule uses, for an explanation.

    `judge` returns a refusal, a warning, or None. Outward every refusal is only a warning, and a rule that
    `is_entry_only` does not apply: it decides who may enter.
    """

    judge: Judge
    observations: Observe
    title: str
    name: RuleName | None = None
    is_entry_only: bool = True


def _always(module: ModuleType) -> Rule:
    """A rule about the badge, its holder, the place or the time. It judges everybody, also on the way out."""
    rule: Basic = getattr(module, _name(module))

    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> RuleAnswer:
        return rule(request, now, facts.site)

    return Rule(judge, module.observations, _name(module), is_entry_only=False)


def _entering(module: ModuleType) -> Rule:
    """A rule about the state of door and site."""
    rule: State = getattr(module, _name(module))

    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> RuleAnswer:
        return rule(request, now, facts)

    return Rule(judge, module.observations, _name(module))


def _set(name: RuleName) -> Rule:
    """A rule of the rule book: the function of its name, in the file of its name."""
    module = RULE_FILES[name]
    return Rule(getattr(module, name.value), module.observations, name.value, name)


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


# The first refusal wins, so an auditor reads reasons in this order: what the card is, then whose it
# is, then where, then when, then the state of the site, then with whom.
_FIRST = (
    _always(credential_known),
    _always(rights_on_record),
    _entering(authentication),
    _always(credential_status),
    _always(credential_validity),
    _always(cardholder_status),
    _always(access_level),
    _entering(schedule),
)
_BEFORE: Mapping[RuleName, tuple[Rule, ...]] = {
    RuleName.QUALIFICATIONS: (_entering(door_mode), _entering(lockdown)),
    RuleName.DUAL_ACCESS: (_entering(pin),),
}
RULES: tuple[Rule, ...] = (
    *_FIRST,
    *(rule for name in RuleName for rule in (*_BEFORE.get(name, ()), _set(name))),
)


@dataclass(frozen=True)
class Verdict:
    """`reason`: the first refusal. `observed`: the refusals of rules in observe mode."""

    reason: DenyReason | None = None
    observed: tuple[DenyReason, ...] = ()
    warnings: tuple[AccessWarning, ...] = ()


ADMITTED = Verdict()


def decide(request: AccessRequest, now: Moment, facts: Facts) -> Verdict:
    """Apply every rule in order, until one refuses."""
    settings = facts.book.rules_at(request.door, request.access_point)
    observed: list[DenyReason] = []
    warnings: list[AccessWarning] = []
    for rule in RULES:
        answer, mode = apply_rule(rule, request, now, facts, settings=settings)
        if answer is None:
            continue
        if isinstance(answer, AccessWarning):
            warnings.append(answer)
        elif mode is RuleMode.OBSERVE:
            observed.append(answer)
        else:
            warnings += leaving(request, facts) if request.direction is Direction.OUT else ()
            return Verdict(answer, tuple(observed), tuple(warnings))
    warnings += leaving(request, facts)
    return Verdict(None, tuple(observed), tuple(warnings)) if observed or warnings else ADMITTED


def apply_rule(
    rule: Rule, request: AccessRequest, now: Moment, facts: Facts, settings: Mapping[RuleName, Any]
) -> tuple[RuleAnswer, RuleMode]:
    """The result of one rule, and its mode."""
    if rule.is_entry_only and request.direction is _OUT:
        return None, _OFF
    if rule.name is None:
        return rule.judge(request, now, facts, None), _ENFORCE
    setting = settings.get(rule.name)
    if setting is None or setting.mode is _OFF:
        return None, _OFF
    return rule.judge(request, now, facts, setting), setting.mode


def needs_presence(request: AccessRequest, facts: Facts) -> bool:
    """Whether a rule here, for entering or leaving, needs presence."""
    if facts.book.area_left(request.access_point) is not None:
        return True
    if request.direction is Direction.OUT:
        return False
    settings = facts.book.rules_at(request.door, request.access_point)
    return any(setting.needs_presence and not setting.is_off for setting in settings.values())
