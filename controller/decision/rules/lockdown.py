"""In a lockdown of the area, of one around it, or of the site, only people who may override it enter."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations, overrides
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason


def lockdown(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | AccessWarning | None:
    """The record of the tap shows an override."""
    if not facts.lockdowns or not facts.lockdowns_at(request.access_point):
        return None
    overrides = request.record is not None and request.record.cardholder.overrides
    return AccessWarning.LOCKDOWN_OVERRIDDEN if overrides else DenyReason.LOCKDOWN


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Observations:
    return {
        "lockdowns": [*sorted(facts.lockdowns_at(request.access_point))],
        "overrides": overrides(request),
    }
