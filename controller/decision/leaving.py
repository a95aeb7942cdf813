"""Warnings when somebody leaves an area, by any door and in any direction. They never hinder leaving."""

from dataclasses import dataclass

from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.decision.presence import Inside
from controller.model.access import AccessRequest
from controller.model.reasons import AccessWarning
from controller.model.rule_book import (
    Area,
    EscortSetting,
    OccupancySetting,
    RuleMode,
    Setting,
    StaffMixSetting,
    SupervisorPresentSetting,
)


@dataclass(frozen=True)
class ExitWarning:
    """A warning about an exit. `alarms`: it is also an alarm; rules that only observe raise none."""

    warning: AccessWarning
    alarms: bool = False


def leaving(request: AccessRequest, facts: Facts) -> tuple[AccessWarning, ...]:
    return tuple(one.warning for one in exit_warnings(request, facts))


def exit_warnings(request: AccessRequest, facts: Facts) -> tuple[ExitWarning, ...]:
    """Warnings about the people who stay inside; none when the last person leaves the area."""
    area = facts.book.area_left(request.access_point)
    if area is None or facts.presence is None or request.record is None:
        return ()
    who = facts.presence.inside_of(request.record.cardholder.id, area.name)
    if who is None:
        return (ExitWarning(AccessWarning.OUT_WITHOUT_IN),)
    if facts.presence.count(area.name) == 1:
        return ()
    rules = _guarding(area, facts)
    before = Mix.inside(area.name, facts.presence, facts.book)
    after = before.without(who.category, facts.book)
    found = (
        _last_supervisor(before, after, rules),
        _last_escort(who, facts, rules),
        _mix_low(before, after, rules),
        _occupancy_low(before, after, rules),
    )
    return tuple(one for one in found if one is not None)


def _last_supervisor(before: Mix, after: Mix, rules: list[Setting]) -> ExitWarning | None:
    asking = _asking_for_supervisors(rules)
    if not asking or not before.supervisors > after.supervisors == 0:
        return None
    return ExitWarning(AccessWarning.LAST_SUPERVISOR_LEFT, any(map(_is_enforced, asking)))


def _last_escort(who: Inside, facts: Facts, rules: list[Setting]) -> ExitWarning | None:
    """People who need an escort stay behind, and nobody who may escort them does."""
    presence = facts.presence
    broken = [
        one
        for one in rules
        if isinstance(one, EscortSetting)
        and presence is not None
        and who.category in one.escorts
        and presence.count_of(who.area, one.escorts) == 1
        and presence.count_of(who.area, one.categories)
    ]
    return ExitWarning(AccessWarning.LAST_ESCORT_LEFT, any(map(_is_enforced, broken))) if broken else None


def _mix_low(before: Mix, after: Mix, rules: list[Setting]) -> ExitWarning | None:
    """If the mix was already too low, the exit adds no warning."""
    broken = [
        one
        for one in rules
        if isinstance(one, StaffMixSetting) and after.lacks(one) and not before.lacks(one)
    ]
    alarms = any(one.alarm and _is_enforced(one) for one in broken)
    return ExitWarning(AccessWarning.STAFF_MIX_LOW, alarms) if broken else None


def _occupancy_low(before: Mix, after: Mix, rules: list[Setting]) -> ExitWarning | None:
    """Each exit below the minimum adds a warning; only the one that goes below it raises an alarm."""
    low = [one for one in rules if isinstance(one, OccupancySetting) and after.people < one.least]
    alarms = any(one.alarm and _is_enforced(one) and before.people >= one.least for one in low)
    return ExitWarning(AccessWarning.OCCUPANCY_LOW, alarms) if low else None


def _is_enforced(setting: Setting) -> bool:
    return setting.mode is RuleMode.ENFORCE


def _guarding(area: Area, facts: Facts) -> list[Setting]:
    """The rule's settings at all entries of the area, for an exit by any door."""
    return [
        setting
        for point in area.entries
        for setting in facts.book.rules_at(facts.door_of.get(point, ""), point).values()
        if setting.mode is not RuleMode.OFF
    ]


def _asking_for_supervisors(rules: list[Setting]) -> list[Setting]:
    return [
        one
        for one in rules
        if isinstance(one, SupervisorPresentSetting)
        or (isinstance(one, StaffMixSetting) and one.people_per_supervisor)
    ]
