"""Where: an access level must name this access point, and hold now if it was given for a time only."""

from controller.decision.levels_now import levels_now
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def access_level(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse where no access level of the cardholder opens this access point at this moment.

    A level that has ended counts before one that begins later.
    """
    levels = levels_now(request, now, site)
    if levels.hold:
        return None
    if levels.unsure:
        return DenyReason.CLOCK_UNTRUSTED
    if levels.ended:
        return DenyReason.ACCESS_LEVEL_ENDED
    return DenyReason.ACCESS_LEVEL_NOT_YET_VALID if levels.later else DenyReason.NO_ACCESS_HERE
