"""The access rules of a badge at its access point that hold at this moment."""

from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, AccessRule
from controller.model.moment import ClockState, Moment


def levels_now(
    request: AccessRequest, now: Moment, site: SitePolicy
) -> tuple[tuple[AccessRule, ...], tuple[AccessRule, ...]]:
    """Those that hold for sure, and those of which an untrusted clock cannot tell.

    Judged like a badge's validity: a clock set back revives nothing, one set ahead begins nothing early.
    """
    here = () if request.record is None else request.record.rules
    holds: list[AccessRule] = []
    unsure: list[AccessRule] = []
    for rule in here:
        if rule.access_point != request.access_point:
            continue
        if rule.valid_from is None and rule.valid_until is None:
            holds.append(rule)
        elif _within(rule, now):
            (unsure if _cannot_tell(rule, now, site) else holds).append(rule)
    return tuple(holds), tuple(unsure)


def _within(rule: AccessRule, now: Moment) -> bool:
    begun = rule.valid_from is None or now.judged_utc >= rule.valid_from
    return begun and (rule.valid_until is None or now.judged_utc < rule.valid_until)


def _cannot_tell(rule: AccessRule, now: Moment, site: SitePolicy) -> bool:
    if now.clock is not ClockState.UNTRUSTED or site.when_clock_untrusted != "refuse":
        return False
    return now.not_before is None or (rule.valid_from is not None and now.not_before < rule.valid_from)
