"""Another access point comes first on the same day of the site: the phone locker, a gate, a declaration."""

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
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince


def prerequisite(
    request: AccessRequest, now: Moment, facts: Facts, setting: PrerequisiteSetting
) -> DenyReason | None:
    """Refuse anyone who has not passed the other access point today; with `last_exit`, anyone who has left
    the area since. An access point that leads into no area has no exits to count.
    """
    if facts.presence is None or request.record is None:
        return None
    person = request.record.cardholder.id
    done = facts.presence.entered_at(person, setting.access_point)
    if done is None or facts.site.day(done) != facts.site.day(now.judged_utc):
        return DenyReason.PREREQUISITE_MISSING
    area = facts.book.area_entered(request.access_point)
    if setting.since is not PrerequisiteSince.LAST_EXIT or area is None:
        return None
    if facts.presence.passed_since_exit(person, setting.access_point, area.name):
        return None
    return DenyReason.PREREQUISITE_MISSING


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: PrerequisiteSetting
) -> Observations:
    if facts.presence is None:
        return UNKNOWN
    person, area = person_of(request), area_entered(request, facts)
    done = facts.presence.entered_at(person, setting.access_point)
    observations: dict[str, Json] = {
        "access_point": setting.access_point,
        "last": iso_text(done),
        "day_began": day_began(now, facts),
    }
    if setting.since is PrerequisiteSince.LAST_EXIT and area is not None:
        observations["last_exit"] = iso_text(facts.presence.last_exit(person, area.name))
    return observations
