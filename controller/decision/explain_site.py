"""What the rules about the site saw: codes, numbers and times, and no other person's name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from controller.decision.entering import added
from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.decision.rules.anti_passback import outer_not_entered, still_counts
from controller.decision.rules.escort import escort_inside, escort_passed
from controller.decision.rules.interlock import others_in_use
from controller.decision.second_person import just_before
from controller.model.access import AccessRequest
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.rule_book import (
    AntiPassbackSetting,
    Area,
    AssuranceSetting,
    DualAccessSetting,
    EscortSetting,
    FirstPersonInSetting,
    InterlockSetting,
    OccupancySetting,
    PrerequisiteSetting,
    PrerequisiteSince,
    QualificationsSetting,
    StaffMixSetting,
    SupervisorPresentSetting,
)

Seen = Mapping[str, Json]
UNKNOWN: Seen = {"presence_known": False}
NO_AREA: Seen = {"area": None}


def _door_mode(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Seen:
    return {"mode": facts.door(request.door).mode.value, "overrides": _overrides(request)}


def _lockdown(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Seen:
    return {
        "lockdowns": [*sorted(facts.lockdowns_at(request.access_point))],
        "overrides": _overrides(request),
    }


def _pin(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Seen:
    """A right PIN and a duress PIN give the same result here."""
    pin = "right" if request.pin.value == "duress" else request.pin.value
    return {"mode": facts.door(request.door).mode.value, "pin": pin}


def _assurance(request: AccessRequest, now: Moment, facts: Facts, setting: AssuranceSetting) -> Seen:
    return {"shown": int(request.assurance), "least": setting.least}


def _qualifications(
    request: AccessRequest, now: Moment, facts: Facts, setting: QualificationsSetting
) -> Seen:
    held = {} if request.record is None else dict(request.record.cardholder.qualifications)
    until: dict[str, Json] = {
        name: held[name].isoformat() if name in held else None for name in setting.required
    }
    return {"holds_until": until, "today": facts.site.date(now.judged_utc).isoformat()}


def _prerequisite(request: AccessRequest, now: Moment, facts: Facts, setting: PrerequisiteSetting) -> Seen:
    if facts.presence is None:
        return UNKNOWN
    person, area = _person(request), _area(request, facts)
    done = facts.presence.entered_at(person, setting.access_point)
    saw: dict[str, Json] = {
        "access_point": setting.access_point,
        "last": _text(done),
        "day_began": _day_began(now, facts),
    }
    if setting.since is PrerequisiteSince.LAST_EXIT and area is not None:
        saw["last_exit"] = _text(facts.presence.last_exit(person, area.name))
    return saw


def _anti_passback(request: AccessRequest, now: Moment, facts: Facts, setting: AntiPassbackSetting) -> Seen:
    if facts.presence is None:
        return UNKNOWN
    person, area = _person(request), _area(request, facts)
    inside = None if area is None else facts.presence.inside_of(person, area.name)
    last = (
        facts.presence.entered_at(person, request.access_point)
        if area is None
        else facts.presence.last_entry(person, area.name)
    )
    return {
        "inside_since": None if inside is None else _text(inside.since),
        "last": _text(last),
        "outer": outer_not_entered(request, facts) if setting.outer_first else None,
        "over": inside is not None and not still_counts(inside.since, now, facts, setting),
        "day_began": _day_began(now, facts),
        "minutes": setting.minutes,
        "forgiven": facts.presence.is_forgiven(person),
    }


def _first_person_in(
    request: AccessRequest, now: Moment, facts: Facts, setting: FirstPersonInSetting
) -> Seen:
    area = _area(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    return {
        "category": _category(request),
        "categories": [*setting.categories],
        "last": _text(facts.presence.last_entry_of(area.name, setting.categories)),
        "day_began": _day_began(now, facts),
    }


def _supervisor_present(
    request: AccessRequest, now: Moment, facts: Facts, setting: SupervisorPresentSetting
) -> Seen:
    area = _area(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    return {
        "category": _category(request),
        "asked": _category(request) in setting.categories,
        "supervisors": facts.presence.count_of(area.name, facts.book.supervisors),
    }


def _escort(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> Seen:
    if facts.presence is None:
        return UNKNOWN
    return {
        "category": _category(request),
        "asked": _category(request) in setting.categories,
        "of_an_area": _area(request, facts) is not None,
        "inside": escort_inside(request, now, facts, setting),
        "ahead": escort_passed(request, now, facts, setting),
        "seconds": setting.seconds,
    }


def _staff_mix(request: AccessRequest, now: Moment, facts: Facts, setting: StaffMixSetting) -> Seen:
    """Counts the person who enters as well."""
    area = _area(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    coming = added(request, now, facts, area)
    after = Mix.inside(area.name, facts.presence, facts.book).plus(coming, facts.book)
    each = setting.people_per_supervisor
    return {
        "category": _category(request),
        "people": after.people,
        "supervisors": after.supervisors,
        "supervisors_needed": -(-after.people // each) if each else 0,
        "regulars": after.regulars,
        "regulars_needed": max(setting.regular_least, -(-setting.regular_percent * after.people // 100)),
    }


def _occupancy(request: AccessRequest, now: Moment, facts: Facts, setting: OccupancySetting) -> Seen:
    area = _area(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    coming = len(added(request, now, facts, area))
    return {"inside": facts.presence.count(area.name), "coming": coming, "most": setting.most}


def _interlock(request: AccessRequest, now: Moment, facts: Facts, setting: InterlockSetting) -> Seen:
    others = [name for name in setting.doors if name != request.door]
    return {
        "doors": [*others],
        "open": [*others_in_use(request.door, facts, setting)],
    }


def _dual_access(request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting) -> Seen:
    if facts.presence is None:
        return UNKNOWN
    area = _area(request, facts)
    return {
        "inside": 0 if area is None else facts.presence.count(area.name),
        "unless_inside": setting.unless_inside,
        "first": just_before(request, now, facts, setting) is not None,
        "seconds": setting.seconds,
    }


def _person(request: AccessRequest) -> str:
    return "" if request.record is None else request.record.cardholder.id


def _category(request: AccessRequest) -> str | None:
    return None if request.record is None else request.record.cardholder.category


def _overrides(request: AccessRequest) -> bool:
    return request.record is not None and request.record.cardholder.overrides


def _area(request: AccessRequest, facts: Facts) -> Area | None:
    return facts.book.area_entered(request.access_point)


def _day_began(now: Moment, facts: Facts) -> str:
    return facts.site.day_began(now.judged_utc).isoformat()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


SAW_OF_SITE: Mapping[str, Callable[[AccessRequest, Moment, Facts, Any], Seen]] = {
    "door_mode": _door_mode,
    "lockdown": _lockdown,
    "pin": _pin,
    "assurance": _assurance,
    "qualifications": _qualifications,
    "prerequisite": _prerequisite,
    "anti_passback": _anti_passback,
    "first_person_in": _first_person_in,
    "supervisor_present": _supervisor_present,
    "escort": _escort,
    "staff_mix": _staff_mix,
    "occupancy": _occupancy,
    "interlock": _interlock,
    "dual_access": _dual_access,
}
