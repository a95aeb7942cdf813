"""Visitors follow a person who answers for them, and enter only while that person is inside."""

from collections.abc import Sequence

from controller.decision.elapsed import within
from controller.decision.exits import Exit, ExitWarning
from controller.decision.facts import Facts
from controller.decision.observations import UNKNOWN, Observations, area_entered, category_of
from controller.decision.present_today import present_today
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.escort import EscortSetting
from controller.model.rules.setting import RuleSetting


def escort(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> DenyReason | None:
    """Several people may follow the same escort."""
    if facts.presence is None or request.record is None:
        return None
    if request.record.cardholder.category not in setting.categories:
        return None
    return None if escort_inside(request, now, facts, setting) else DenyReason.ESCORT_MISSING


def escort_inside(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> bool:
    """Whether an escort went through here within the seconds and is still inside; with 0 seconds, whether one
    has entered today and is still inside. For an access point that leads into no area presence is unknown, so
    only the seconds count.
    """
    if facts.presence is None or request.record is None:
        return False
    area, person = facts.book.area_entered(request.access_point), request.record.cardholder.id
    if area is None:
        return escort_passed(request, now, facts, setting)
    escorts = [
        one.person
        for one in present_today(area.name, now, facts)
        if one.category in setting.escorts and one.person != person
    ]
    if setting.seconds == 0:
        return bool(escorts)
    passages = (facts.presence.passage_by(one, request.access_point) for one in escorts)
    return any(one is not None and within(one, now, setting.seconds) for one in passages)


def escort_passed(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> bool:
    """Whether the last escort to pass here did so within the seconds, whether they are still inside or
    not.
    """
    if facts.presence is None or request.record is None:
        return False
    escort = facts.presence.last_passage_of(request.access_point, setting.escorts)
    is_another = escort is not None and escort.person != request.record.cardholder.id
    return escort is not None and is_another and within(escort, now, setting.seconds)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: EscortSetting) -> Observations:
    if facts.presence is None:
        return UNKNOWN
    return {
        "category": category_of(request),
        "applies": category_of(request) in setting.categories,
        "of_an_area": area_entered(request, facts) is not None,
        "inside": escort_inside(request, now, facts, setting),
        "just_before": escort_passed(request, now, facts, setting),
        "seconds": setting.seconds,
    }


def leaving(found: Exit, settings: Sequence[RuleSetting]) -> ExitWarning | None:
    """People who need an escort stay behind, and nobody who may escort them does."""
    who, presence = found.who, found.presence
    broken = [
        one
        for one in settings
        if isinstance(one, EscortSetting)
        and who.category in one.escorts
        and presence.count_of(who.area, one.escorts) == 1
        and presence.count_of(who.area, one.categories)
    ]
    return (
        ExitWarning(AccessWarning.LAST_ESCORT_LEFT, any(one.is_enforced for one in broken))
        if broken
        else None
    )


# Records of earlier versions do not have these warnings.
LATER_WARNINGS = frozenset({AccessWarning.LAST_ESCORT_LEFT})
