"""Nobody enters again who has not been seen leaving, or so soon that the badge was handed back."""

from datetime import timedelta

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import AntiPassbackSetting


def anti_passback(
    request: AccessRequest, now: Moment, facts: Facts, setting: AntiPassbackSetting
) -> DenyReason | None:
    """Where an access point leads into no area, only the minutes count, by the access point itself."""
    if facts.presence is None or request.record is None:
        return None
    person = request.record.cardholder.id
    if facts.presence.is_forgiven(person):
        return None
    area = facts.book.area_entered(request.access_point)
    if setting.area and area is not None and facts.presence.is_in(person, area.name):
        return DenyReason.ANTI_PASSBACK
    if area is None:
        last = facts.presence.entered_at(person, request.access_point)
    else:
        last = facts.presence.last_entry(person, area.name)
    # An entry that lies ahead was recorded by a clock that has been put right since: nothing to go by.
    if last is not None and timedelta() <= now.judged_utc - last < timedelta(minutes=setting.minutes):
        return DenyReason.ANTI_PASSBACK
    return None
