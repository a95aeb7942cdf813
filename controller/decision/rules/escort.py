"""Visitors follow a person who answers for them, and enter only while that person is inside."""

from controller.decision.elapsed import within
from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import EscortSetting


def escort(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> DenyReason | None:
    """Several people may follow the same escort."""
    if facts.presence is None or request.record is None:
        return None
    if request.record.cardholder.category not in setting.categories:
        return None
    return None if escort_inside(request, now, facts, setting) else DenyReason.ESCORT_MISSING


def escort_inside(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> bool:
    """Whether an escort went through here within the seconds and is still inside; with 0 seconds, whether one
    is inside. For an access point that leads into no area presence is unknown, so only the seconds count.
    """
    if facts.presence is None or request.record is None:
        return False
    area, person = facts.book.area_entered(request.access_point), request.record.cardholder.id
    if area is None:
        return escort_passed(request, now, facts, setting)
    escorts = [
        one.person
        for one in facts.presence.inside(area.name)
        if one.category in setting.escorts and one.person != person
    ]
    if setting.seconds == 0:
        return bool(escorts)
    passages = (facts.presence.passage_by(one, request.access_point) for one in escorts)
    return any(one is not None and within(one, now, setting.seconds) for one in passages)


def escort_passed(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> bool:
    """Whether the last escort to pass here did so within the seconds, whether they are still inside or
    not.
    """
    if facts.presence is None or request.record is None:
        return False
    escort = facts.presence.last_passage_of(request.access_point, setting.escorts)
    is_another = escort is not None and escort.person != request.record.cardholder.id
    return escort is not None and is_another and within(escort, now, setting.seconds)
