"""Where: an access level must include this access point, and be valid now if it is limited in time."""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.levels_now import levels_now
from controller.decision.observations import Observations
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def access_level(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse if no access level of the cardholder opens this access point at this moment.

    "Ended" takes precedence over "not begun yet".
    """
    levels = levels_now(request, now, site)
    if levels.hold:
        return None
    if levels.unsure:
        return DenyReason.CLOCK_UNTRUSTED
    if levels.ended:
        return DenyReason.ACCESS_LEVEL_ENDED
    return DenyReason.ACCESS_LEVEL_NOT_YET_VALID if levels.later else DenyReason.NO_ACCESS_HERE


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    levels = levels_now(request, now, facts.site)
    ends = [rule.valid_until for rule in levels.ended if rule.valid_until is not None]
    begins = [rule.valid_from for rule in levels.later if rule.valid_from is not None]
    return {
        "rules": sum(len(every) for every in levels),
        "hold": len(levels.hold),
        "ended": max(ends).isoformat() if ends else None,
        "begins": min(begins).isoformat() if begins else None,
    }
