"""What is said when somebody leaves an area, by whatever door and in whatever direction. It only warns."""

from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.model.access import AccessRequest
from controller.model.reasons import AccessWarning
from controller.model.rule_book import (
    Area,
    OccupancySetting,
    RuleMode,
    Setting,
    StaffMixSetting,
    SupervisorPresentSetting,
)


def leaving(request: AccessRequest, facts: Facts) -> tuple[AccessWarning, ...]:
    """An area that nobody is left in lacks nobody."""
    area = facts.book.area_left(request.access_point)
    if area is None or facts.presence is None or request.record is None:
        return ()
    who = facts.presence.inside_of(request.record.cardholder.id, area.name)
    if who is None:
        return (AccessWarning.OUT_WITHOUT_IN,)
    before = Mix.inside(area.name, facts.presence, facts.book)
    after = before.without(who.category, facts.book)
    if after.people == 0:
        return ()
    rules = _guarding(area, facts)
    found = []
    if before.supervisors > after.supervisors == 0 and _asking_for_supervisors(rules):
        found.append(AccessWarning.LAST_SUPERVISOR_LEFT)
    mixes = [one for one in rules if isinstance(one, StaffMixSetting)]
    if any(after.lacks(mix) and not before.lacks(mix) for mix in mixes):
        found.append(AccessWarning.STAFF_MIX_LOW)
    if any(isinstance(one, OccupancySetting) and after.people < one.least for one in rules):
        found.append(AccessWarning.OCCUPANCY_LOW)
    return tuple(found)


def last_supervisor_alarms(request: AccessRequest, facts: Facts) -> bool:
    """Whether somebody must act on it: a rule that only observes alarms nobody."""
    area = facts.book.area_left(request.access_point)
    if area is None:
        return False
    asking = _asking_for_supervisors(_guarding(area, facts))
    return any(setting.mode is RuleMode.ENFORCE for setting in asking)


def _guarding(area: Area, facts: Facts) -> list[Setting]:
    """What is asked at any of the ways in, whichever door the area is left by."""
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
