"""In a lockdown of the area or of the site nobody enters but those who may override it."""

from controller.decision.facts import SITE, Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def lockdown(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    if not facts.lockdowns or (request.record is not None and request.record.cardholder.overrides):
        return None
    area = facts.book.area_entered(request.access_point)
    if SITE in facts.lockdowns or (area is not None and area.name in facts.lockdowns):
        return DenyReason.LOCKDOWN
    return None
