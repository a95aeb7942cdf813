"""The access rules of a badge at its access point, by their state at this moment."""

from typing import NamedTuple

from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, AccessRule
from controller.model.moment import ClockState, Moment


class LevelsNow(NamedTuple):
    """`unsure`: an untrusted clock cannot decide whether they apply. `later` have not begun yet."""

    hold: tuple[AccessRule, ...]
    unsure: tuple[AccessRule, ...]
    ended: tuple[AccessRule, ...]
    later: tuple[AccessRule, ...]


def levels_now(request: AccessRequest, now: Moment, site: SitePolicy) -> LevelsNow:
    """Judge like a badge's validity: a clock set back revives nothing, one set ahead begins nothing early."""
    here = () if request.record is None else request.record.rules
    hold: list[AccessRule] = []
    unsure: list[AccessRule] = []
    ended: list[AccessRule] = []
    later: list[AccessRule] = []
    for rule in here:
        if rule.access_point != request.access_point:
            continue
        if rule.valid_from is None and rule.valid_until is None:
            hold.append(rule)
        elif rule.valid_until is not None and now.judged_utc >= rule.valid_until:
            ended.append(rule)
        elif rule.valid_from is not None and now.judged_utc < rule.valid_from:
            later.append(rule)
        else:
            (unsure if _is_unsure(rule, now, site) else hold).append(rule)
    return LevelsNow(tuple(hold), tuple(unsure), tuple(ended), tuple(later))


def _is_unsure(rule: AccessRule, now: Moment, site: SitePolicy) -> bool:
    if now.clock is not ClockState.UNTRUSTED or site.when_clock_untrusted != "refuse":
        return False
    return now.not_before is None or (rule.valid_from is not None and now.not_before < rule.valid_from)
