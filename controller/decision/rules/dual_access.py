"""Two different people, one after the other at the same access point."""

from controller.decision.facts import Facts
from controller.decision.observations import UNKNOWN, Observations, area_entered
from controller.decision.present_today import present_today
from controller.decision.second_person import enough_inside, just_before
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.setting import RuleMode


def dual_access(
    request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting
) -> DenyReason | None:
    """The first person waits; the second person's tap counts for both. Applied last, so that the person who
    waits passes all other rules.

    While presence is unknown, it takes two people in any case: the tap that waits is remembered beside the
    log (`pairs.py`).
    """
    if facts.presence is None:
        return DenyReason.SECOND_PERSON_NEEDED if setting.mode is RuleMode.ENFORCE else None
    if enough_inside(request, now, facts, setting):
        return None
    return DenyReason.SECOND_PERSON_NEEDED if just_before(request, now, facts, setting) is None else None


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting
) -> Observations:
    if facts.presence is None:
        return UNKNOWN
    area = area_entered(request, facts)
    return {
        "inside": 0 if area is None else len(present_today(area.name, now, facts)),
        "unless_inside": setting.unless_inside,
        "first": just_before(request, now, facts, setting) is not None,
        "seconds": setting.seconds,
    }
