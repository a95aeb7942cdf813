"""Two people for one passage: who waits at an access point for a second person."""

from controller.decision.elapsed import within
from controller.decision.facts import Facts
from controller.decision.presence import Passage
from controller.decision.present_today import present_today
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode


def first_of_two(request: AccessRequest, now: Moment, facts: Facts) -> Passage | None:
    """The other person whom this tap would also admit, if dual access is enforced and somebody waits."""
    setting = facts.book.rules_at(request.door, request.access_point).get(RuleName.DUAL_ACCESS)
    if not isinstance(setting, DualAccessSetting) or setting.mode is not RuleMode.ENFORCE:
        return None
    return None if enough_inside(request, now, facts, setting) else just_before(request, now, facts, setting)


def just_before(
    request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting
) -> Passage | None:
    """While the rule only observes, it refuses nobody, so the last person through counts as the first one."""
    if facts.presence is None or request.record is None:
        return None
    if setting.mode is RuleMode.OBSERVE:
        first = facts.presence.last_passage(request.access_point)
    else:
        first = facts.presence.waits_for_second(request.access_point)
    if first is None or first.person == request.record.cardholder.id:
        return None
    return first if within(first, now, setting.seconds) else None


def enough_inside(request: AccessRequest, now: Moment, facts: Facts, setting: DualAccessSetting) -> bool:
    area = facts.book.area_entered(request.access_point)
    if setting.unless_inside == 0 or area is None or facts.presence is None:
        return False
    return len(present_today(area.name, now, facts)) >= setting.unless_inside
