"""Two different people, one after the other at the same access point."""

from controller.decision.facts import Facts
from controller.decision.second_person import enough_inside, just_before
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DualAccessSetting


def dual_access(
    request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting
) -> DenyReason | None:
    """Refuse the first; the tap of the second is for both. Asked last, so that whoever waits may enter."""
    if facts.presence is None or enough_inside(request, facts, setting):
        return None
    return DenyReason.SECOND_PERSON_NEEDED if just_before(request, now, facts, setting) is None else None
