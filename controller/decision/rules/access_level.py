"""Where: an access level must name this access point, and hold now if it was given for a time only."""

from controller.decision.levels_now import levels_now
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def access_level(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse where none of the cardholder's access levels has a rule for this access point."""
    holds, unsure = levels_now(request, now, site)
    if holds:
        return None
    return DenyReason.CLOCK_UNTRUSTED if unsure else DenyReason.NO_ACCESS_HERE
