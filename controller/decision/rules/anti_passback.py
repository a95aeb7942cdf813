"""A person must be seen leaving before entering again, and must not enter again within the set minutes: then
the badge was handed back.
"""

from datetime import datetime, timedelta

from controller.decision.facts import Facts
from controller.decision.observations import (
    UNKNOWN,
    Observations,
    area_entered,
    day_began,
    iso_text,
    person_of,
)
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil


def anti_passback(
    request: AccessRequest, now: Moment, facts: Facts, setting: AntiPassbackSetting
) -> DenyReason | None:
    """For an access point that leads into no area, only the minutes count, by the access point itself."""
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
    # An entry in the future comes from a clock that has been corrected since: ignore it.
    if last is not None and timedelta() <= now.judged_utc - last < timedelta(minutes=setting.minutes):
        return DenyReason.ANTI_PASSBACK
    return None


def outer_not_entered(request: AccessRequest, facts: Facts) -> str | None:
    """The nearest area around the entered one in which the log does not have the person."""
    if facts.presence is None or request.record is None:
        return None
    person = request.record.cardholder.id
    around = facts.book.areas_entered(request.access_point)[1:]
    return next((name for name in around if not facts.presence.is_in(person, name)), None)


def still_counts(since: datetime, now: Moment, facts: Facts, setting: AntiPassbackSetting) -> bool:
    """Whether an entry of that time, with no exit after it, still keeps the person out. A person who forgot
    to tap out may enter again on another day of the site; the list of missed taps has it all the same.
    """
    if setting.until is PassbackUntil.NEVER:
        return True
    return facts.site.day(since) == facts.site.day(now.judged_utc)


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: AntiPassbackSetting
) -> Observations:
    if facts.presence is None:
        return UNKNOWN
    person, area = person_of(request), area_entered(request, facts)
    inside = None if area is None else facts.presence.inside_of(person, area.name)
    last = (
        facts.presence.entered_at(person, request.access_point)
        if area is None
        else facts.presence.last_entry(person, area.name)
    )
    return {
        "inside_since": None if inside is None else iso_text(inside.since),
        "last": iso_text(last),
        "outer": outer_not_entered(request, facts) if setting.outer_first else None,
        "over": inside is not None and not still_counts(inside.since, now, facts, setting),
        "day_began": day_began(now, facts),
        "minutes": setting.minutes,
        "forgiven": facts.presence.is_forgiven(person),
    }
