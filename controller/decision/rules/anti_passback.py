"""Nobody enters again who has not been seen leaving, or so soon that the badge was handed back."""

from datetime import datetime, timedelta

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import AntiPassbackSetting, PassbackUntil


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
    if setting.area and area is not None:
        inside = facts.presence.inside_of(person, area.name)
        if inside is not None and still_counts(inside.since, now, facts, setting):
            return DenyReason.ANTI_PASSBACK
    if setting.outer_first and outer_not_entered(request, facts) is not None:
        return DenyReason.OUTER_AREA_NOT_ENTERED
    if area is None:
        last = facts.presence.entered_at(person, request.access_point)
    else:
        last = facts.presence.last_entry(person, area.name)
    # An entry that lies ahead was recorded by a clock that has been put right since: nothing to go by.
    if last is not None and timedelta() <= now.judged_utc - last < timedelta(minutes=setting.minutes):
        return DenyReason.ANTI_PASSBACK
    return None


def outer_not_entered(request: AccessRequest, facts: Facts) -> str | None:
    """The nearest area around the one that is entered here in which the log does not have the person."""
    if facts.presence is None or request.record is None:
        return None
    person = request.record.cardholder.id
    around = facts.book.areas_entered(request.access_point)[1:]
    return next((name for name in around if not facts.presence.is_in(person, name)), None)


def still_counts(since: datetime, now: Moment, facts: Facts, setting: AntiPassbackSetting) -> bool:
    """Whether an entry of that time, with no exit after it, still keeps the person out. Who forgot to tap out
    may come in again on another day of the site; the list of missed taps holds it all the same."""
    if setting.until is PassbackUntil.NEVER:
        return True
    return facts.site.day(since) == facts.site.day(now.judged_utc)
