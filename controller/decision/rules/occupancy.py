"""No more people inside than allowed."""

from collections.abc import Sequence

from controller.decision.entering import added
from controller.decision.exits import Exit, ExitWarning
from controller.decision.facts import Facts
from controller.decision.observations import NO_AREA, UNKNOWN, Observations, area_entered
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.setting import RuleSetting


def occupancy(
    request: AccessRequest, now: Moment, facts: Facts, setting: OccupancySetting
) -> DenyReason | None:
    """Refuse the person who would exceed the limit; the lower bound only warns when somebody leaves.
    A missed tap out of an earlier day counts until an operator corrects it: a limit must never be exceeded.
    """
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or area is None or setting.most == 0:
        return None
    coming = len(added(request, now, facts, area))
    if coming and facts.presence.count(area.name) + coming > setting.most:
        return DenyReason.OCCUPANCY_FULL
    return None


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: OccupancySetting
) -> Observations:
    area = area_entered(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    coming = len(added(request, now, facts, area))
    return {"inside": facts.presence.count(area.name), "coming": coming, "most": setting.most}


def leaving(found: Exit, settings: Sequence[RuleSetting]) -> ExitWarning | None:
    """Each exit below the minimum adds a warning; only the one that goes below it raises an alarm."""
    low = [one for one in settings if isinstance(one, OccupancySetting) and found.after.people < one.least]
    alarms = any(one.alarm and one.is_enforced and found.before.people >= one.least for one in low)
    return ExitWarning(AccessWarning.OCCUPANCY_LOW, alarms) if low else None
