"""Others may enter once a trusted person has, on the same day of the site."""

from controller.decision.facts import Facts
from controller.decision.observations import (
    NO_AREA,
    UNKNOWN,
    Observations,
    area_entered,
    category_of,
    day_began,
    iso_text,
)
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.first_person_in import FirstPersonInSetting


def first_person_in(
    request: AccessRequest, now: Moment, facts: Facts, setting: FirstPersonInSetting
) -> DenyReason | None:
    """An access point that leads into no area has no first person."""
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or request.record is None or area is None:
        return None
    if request.record.cardholder.category in setting.categories:
        return None
    first = facts.presence.last_entry_of(area.name, setting.categories)
    if first is not None and facts.site.day(first) == facts.site.day(now.judged_utc):
        return None
    return DenyReason.FIRST_PERSON_NOT_IN


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: FirstPersonInSetting
) -> Observations:
    area = area_entered(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    return {
        "category": category_of(request),
        "categories": [*setting.categories],
        "last": iso_text(facts.presence.last_entry_of(area.name, setting.categories)),
        "day_began": day_began(now, facts),
    }
