"""May this card pass here now? The rules and their order, in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.decision.facts import Facts
from controller.decision.leaving import leaving
from controller.decision.rules.access_level import access_level
from controller.decision.rules.anti_passback import anti_passback
from controller.decision.rules.assurance import assurance
from controller.decision.rules.authentication import authentication
from controller.decision.rules.cardholder_status import cardholder_status
from controller.decision.rules.credential_known import credential_known
from controller.decision.rules.credential_status import credential_status
from controller.decision.rules.credential_validity import credential_validity
from controller.decision.rules.door_mode import door_mode
from controller.decision.rules.dual_access import dual_access
from controller.decision.rules.escort import escort
from controller.decision.rules.first_person_in import first_person_in
from controller.decision.rules.interlock import interlock
from controller.decision.rules.lockdown import lockdown
from controller.decision.rules.occupancy import occupancy
from controller.decision.rules.pin import pin
from controller.decision.rules.prerequisite import prerequisite
from controller.decision.rules.qualifications import qualifications
from controller.decision.rules.schedule import schedule
from controller.decision.rules.staff_mix import staff_mix
from controller.decision.rules.supervisor_present import supervisor_present
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, Direction
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rule_book import PRESENCE_RULES, RuleMode, RuleName

__all__ = ["RULES", "Rule", "SitePolicy", "Verdict", "decide"]

# Looking an enum member up costs as much as a whole rule, and each of twenty rules does it.
_OUT, _OFF, _ENFORCE = Direction.OUT, RuleMode.OFF, RuleMode.ENFORCE
RuleAnswer = DenyReason | AccessWarning | None
Basic = Callable[[AccessRequest, Moment, SitePolicy], DenyReason | None]
State = Callable[[AccessRequest, Moment, Facts], DenyReason | AccessWarning | None]
Judge = Callable[[AccessRequest, Moment, Facts, Any], RuleAnswer]


@dataclass(frozen=True)
class Rule:
    """`judge` receives the rule book's setting (`name`), or none for a rule that always applies.

    It returns a refusal, a warning, or None. Outward every refusal is only a warning, and a rule that
    `is_entry_only` does not apply: it decides who may enter.
    """

    judge: Judge
    title: str
    name: RuleName | None = None
    is_entry_only: bool = True


def _basic(rule: Basic) -> Rule:
    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> DenyReason | None:
        return rule(request, now, facts.site)

    return Rule(judge, rule.__name__, is_entry_only=False)


def _state(rule: State) -> Rule:
    def judge(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> RuleAnswer:
        return rule(request, now, facts)

    return Rule(judge, rule.__name__)


def _set(name: RuleName, rule: Judge) -> Rule:
    return Rule(rule, name.value, name)


# The first refusal wins, so an auditor reads reasons in this order: what the card is, then whose it
# is, then where, then when, then the state of the site, then with whom.
RULES: tuple[Rule, ...] = (
    _basic(credential_known),
    _state(authentication),
    _basic(credential_status),
    _basic(credential_validity),
    _basic(cardholder_status),
    _basic(access_level),
    _state(schedule),
    _set(RuleName.ASSURANCE, assurance),
    _state(door_mode),
    _state(lockdown),
    _set(RuleName.QUALIFICATIONS, qualifications),
    _set(RuleName.PREREQUISITE, prerequisite),
    _set(RuleName.ANTI_PASSBACK, anti_passback),
    _set(RuleName.FIRST_PERSON_IN, first_person_in),
    _set(RuleName.SUPERVISOR_PRESENT, supervisor_present),
    _set(RuleName.ESCORT, escort),
    _set(RuleName.STAFF_MIX, staff_mix),
    _set(RuleName.OCCUPANCY, occupancy),
    _set(RuleName.INTERLOCK, interlock),
    _state(pin),
    _set(RuleName.DUAL_ACCESS, dual_access),
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
        answer, mode = apply_rule(rule, request, now, facts, settings)
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
    return any(
        setting.mode is not RuleMode.OFF and name in PRESENCE_RULES for name, setting in settings.items()
    )
