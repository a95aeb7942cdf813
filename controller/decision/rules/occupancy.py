"""No more people inside than allowed."""

from controller.decision.entering import added
from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import OccupancySetting


def occupancy(
    request: AccessRequest, now: Moment, facts: Facts, setting: OccupancySetting
) -> DenyReason | None:
    """Refuse the person who would exceed the limit; the lower bound only warns when somebody leaves."""
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or area is None or setting.most == 0:
        return None
    coming = len(added(request, now, facts, area))
    if coming and facts.presence.count(area.name) + coming > setting.most:
        return DenyReason.OCCUPANCY_FULL
    return None
