"""Enough supervisors and regular staff inside, counting the person who enters."""

from collections.abc import Sequence

from controller.decision.entering import added_to
from controller.decision.exits import Exit, ExitWarning
from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.decision.observations import NO_AREA, UNKNOWN, Observations, area_entered, category_of
from controller.decision.present_today import present_today
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.setting import RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting


def staff_mix(
    request: AccessRequest, now: Moment, facts: Facts, setting: StaffMixSetting
) -> DenyReason | None:
    """A person of the missing kind is admitted: a supervisor is never refused for a lack of supervisors."""
    area = facts.book.area_entered(request.access_point)
    if facts.presence is None or request.record is None or area is None:
        return None
    after = _mix_with(request, now, facts, area.name)
    category = request.record.cardholder.category
    if category not in facts.book.supervisors and _lacks_supervisors(after, setting):
        return DenyReason.STAFF_MIX
    if category not in facts.book.regulars and _lacks_regulars(after, setting):
        return DenyReason.STAFF_MIX
    return None


def _mix_with(request: AccessRequest, now: Moment, facts: Facts, area: str) -> Mix:
    """The mix of the people who entered today, with the person who enters now."""
    present = present_today(area, now, facts)
    coming = added_to({one.person for one in present}, request, now, facts)
    mix = Mix.of([one.category for one in present], facts.book)
    return mix.plus(coming, facts.book)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: StaffMixSetting) -> Observations:
    """Counts the person who enters as well."""
    area = area_entered(request, facts)
    if facts.presence is None or area is None:
        return NO_AREA if area is None else UNKNOWN
    after = _mix_with(request, now, facts, area.name)
    each = setting.people_per_supervisor
    return {
        "category": category_of(request),
        "people": after.people,
        "supervisors": after.supervisors,
        "supervisors_needed": -(-after.people // each) if each else 0,
        "regulars": after.regulars,
        "regulars_needed": max(setting.regular_least, -(-setting.regular_percent * after.people // 100)),
    }


def leaving(found: Exit, settings: Sequence[RuleSetting]) -> ExitWarning | None:
    """Warn about each limit that this exit breaks; a limit that was broken before adds no warning."""
    broken = [
        one
        for one in settings
        if isinstance(one, StaffMixSetting)
        and any(lacks(found.after, one) and not lacks(found.before, one) for lacks in _LIMITS)
    ]
    alarms = any(one.alarm and one.is_enforced for one in broken)
    return ExitWarning(AccessWarning.STAFF_MIX_LOW, alarms) if broken else None


def _lacks_supervisors(mix: Mix, setting: StaffMixSetting) -> bool:
    """One supervisor for each so many people, or part of them."""
    each = setting.people_per_supervisor
    return each > 0 and mix.supervisors * each < mix.people


def _lacks_regulars(mix: Mix, setting: StaffMixSetting) -> bool:
    return _below_least(mix, setting) or _below_share(mix, setting)


def _below_least(mix: Mix, setting: StaffMixSetting) -> bool:
    return mix.regulars < setting.regular_least


def _below_share(mix: Mix, setting: StaffMixSetting) -> bool:
    return mix.regulars * 100 < setting.regular_percent * mix.people


_LIMITS = (_lacks_supervisors, _below_least, _below_share)
