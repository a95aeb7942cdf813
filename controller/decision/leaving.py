"""What is said when somebody leaves an area, by whatever door and in whatever direction. It only warns."""

from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.model.access import AccessRequest
from controller.model.reasons import AccessWarning
from controller.model.rule_book import (
    Area,
    OccupancySetting,
    RuleMode,
    RuleName,
    Rules,
    Setting,
    StaffMixSetting,
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
    rules = _rules(request, area, facts)
    found = []
    if before.supervisors > after.supervisors == 0 and any(map(_counts, _asking_for_supervisors(rules))):
        found.append(AccessWarning.LAST_SUPERVISOR_LEFT)
    mix, occupancy = rules.get(RuleName.STAFF_MIX), rules.get(RuleName.OCCUPANCY)
    if isinstance(mix, StaffMixSetting) and _counts(mix) and after.lacks(mix) and not before.lacks(mix):
        found.append(AccessWarning.STAFF_MIX_LOW)
    if isinstance(occupancy, OccupancySetting) and _counts(occupancy) and after.people < occupancy.least:
        found.append(AccessWarning.OCCUPANCY_LOW)
    return tuple(found)


def last_supervisor_alarms(request: AccessRequest, facts: Facts) -> bool:
    """Whether somebody must act on it: a rule that only observes alarms nobody."""
    area = facts.book.area_left(request.access_point)
    if area is None:
        return False
    asking = _asking_for_supervisors(_rules(request, area, facts))
    return any(setting.mode is RuleMode.ENFORCE for setting in asking)


def _rules(request: AccessRequest, area: Area, facts: Facts) -> Rules:
    """Those of the area that is left, unless the door has its own of the same name."""
    return {**area.rules, **facts.book.door(request.door).rules}


def _asking_for_supervisors(rules: Rules) -> list[Setting]:
    present, mix = rules.get(RuleName.SUPERVISOR_PRESENT), rules.get(RuleName.STAFF_MIX)
    asking = [present] if present is not None else []
    return [*asking, mix] if isinstance(mix, StaffMixSetting) and mix.people_per_supervisor else asking


def _counts(setting: Setting) -> bool:
    return setting.mode is not RuleMode.OFF
