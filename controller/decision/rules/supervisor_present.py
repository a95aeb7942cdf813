"""Some people enter only while a supervisor is inside."""

from collections.abc import Sequence

from controller.decision.exits import Exit, ExitWarning
from controller.decision.facts import Facts
from controller.decision.observations import NO_AREA, UNKNOWN, Observations, area_entered, category_of
from controller.decision.present_today import present_today
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.setting import RuleSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting


def supervisor_present(
    request: AccessRequest, now: Moment, facts: Facts, setting: SupervisorPresentSetting
) -> DenyReason | None:
    """A supervisor may always enter first."""
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or request.record is None or area is None:
        return None
    category = request.record.cardholder.category
    if category not in setting.categories or category in facts.book.supervisors:
        return None
    return None if _supervisors(area.name, now, facts) else DenyReason.SUPERVISOR_ABSENT


def _supervisors(area: str, now: Moment, facts: Facts) -> int:
    return sum(one.category in facts.book.supervisors for one in present_today(area, now, facts))


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: SupervisorPresentSetting
) -> Observations:
    area = area_entered(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    return {
        "category": category_of(request),
        "applies": category_of(request) in setting.categories,
        "supervisors": _supervisors(area.name, now, facts),
    }


def leaving(found: Exit, settings: Sequence[RuleSetting]) -> ExitWarning | None:
    """The last supervisor leaves, where a rule asks for one: this rule, or a staff mix."""
    asking = [one for one in settings if one.needs_supervisor]
    if not asking or not found.before.supervisors > found.after.supervisors == 0:
        return None
    return ExitWarning(AccessWarning.LAST_SUPERVISOR_LEFT, any(one.is_enforced for one in asking))
