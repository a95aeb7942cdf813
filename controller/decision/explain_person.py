"""What the rules that always apply saw: the card, its holder, the place and the time."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.decision.facts import Facts
from controller.decision.levels_now import levels_now
from controller.decision.rules.schedule import is_open
from controller.model.access import AccessRequest
from controller.model.events import Json
from controller.model.moment import Moment


def _is_known(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    return {"known": request.record is not None}


def _proof(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    unproved = None if request.unproved is None else request.unproved.value
    return {"unproved": unproved, "shown": int(request.assurance)}


def _badge(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    return {} if request.record is None else {"status": request.record.credential.status.value}


def _validity(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    if request.record is None:
        return {}
    begins, ends = request.record.credential.valid_from, request.record.credential.valid_until
    return {
        "valid_from": None if begins is None else begins.isoformat(),
        "valid_until": None if ends is None else ends.isoformat(),
        "judged_by": now.judged_utc.isoformat(),
        "clock": now.clock.value,
    }


def _person(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    return {} if request.record is None else {"status": request.record.cardholder.status.value}


def _levels(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    levels = levels_now(request, now, facts.site)
    ends = [rule.valid_until for rule in levels.ended if rule.valid_until is not None]
    begins = [rule.valid_from for rule in levels.later if rule.valid_from is not None]
    return {
        "rules": sum(len(every) for every in levels),
        "hold": len(levels.hold),
        "ended": max(ends).isoformat() if ends else None,
        "begins": min(begins).isoformat() if begins else None,
    }


def _schedules(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Mapping[str, Json]:
    wall = now.utc.astimezone(facts.site.time_zone)
    here = {rule.schedule.name: rule.schedule for rule in levels_now(request, now, facts.site).hold}
    return {
        "schedules": [*here],
        "open": [name for name, schedule in here.items() if is_open(schedule, wall, facts.day_types)],
        "weekday": wall.weekday(),
        "clock_shows": wall.strftime("%H:%M"),
    }


SAW_OF_PERSON: Mapping[str, Callable[[AccessRequest, Moment, Facts, Any], Mapping[str, Json]]] = {
    "credential_known": _is_known,
    "authentication": _proof,
    "credential_status": _badge,
    "credential_validity": _validity,
    "cardholder_status": _person,
    "access_level": _levels,
    "schedule": _schedules,
}
