"""Visitors follow somebody who answers for them."""

from controller.decision.elapsed import within
from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import EscortSetting


def escort(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> DenyReason | None:
    """Refuse unless an escort went through here just before; several may follow the same one."""
    if facts.presence is None or request.record is None:
        return None
    if request.record.cardholder.category not in setting.categories:
        return None
    ahead = facts.presence.last_passage_of(request.access_point, setting.escorts)
    somebody_else = ahead is not None and ahead.person != request.record.cardholder.id
    if ahead is not None and somebody_else and within(ahead, now, setting.seconds):
        return None
    return DenyReason.ESCORT_MISSING
