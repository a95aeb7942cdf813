"""In a lockdown of the area, of one around it, or of the site nobody enters but those who may override it."""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def lockdown(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    if not facts.lockdowns or (request.record is not None and request.record.cardholder.overrides):
        return None
    return DenyReason.LOCKDOWN if facts.lockdowns_at(request.access_point) else None
