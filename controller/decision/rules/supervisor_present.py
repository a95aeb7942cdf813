"""Some people enter only while a supervisor is inside."""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import SupervisorPresentSetting


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
    if facts.presence.count_of(area.name, facts.book.supervisors):
        return None
    return DenyReason.SUPERVISOR_ABSENT
