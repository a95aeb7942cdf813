"""Where: an access level must name this access point."""

from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def access_level(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse where none of the cardholder's access levels has a rule for this access point."""
    here = () if request.record is None else request.record.rules
    if any(rule.access_point == request.access_point for rule in here):
        return None
    return DenyReason.NO_ACCESS_HERE
