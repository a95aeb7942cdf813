"""Enough supervisors and regular staff inside, counting the person who enters."""

from controller.decision.entering import added
from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import StaffMixSetting


def staff_mix(
    request: AccessRequest, now: Moment, facts: Facts, setting: StaffMixSetting
) -> DenyReason | None:
    """A person of the missing kind is admitted: a supervisor is never refused for a lack of supervisors."""
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or request.record is None or area is None:
        return None
    coming = added(request, now, facts, area)
    after = Mix.inside(area.name, facts.presence, facts.book).plus(coming, facts.book)
    category = request.record.cardholder.category
    if category not in facts.book.supervisors and after.lacks_supervisors(setting):
        return DenyReason.STAFF_MIX
    if category not in facts.book.regulars and after.lacks_regulars(setting):
        return DenyReason.STAFF_MIX
    return None
