"""Fit to enter: the qualifications that the area requires must not have expired. The last day is included."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.model.access import AccessRequest
from controller.model.events import Json
from controller.model.moment import ClockState, Moment
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.qualifications import QualificationsSetting


def qualifications(
    request: AccessRequest, now: Moment, facts: Facts, setting: QualificationsSetting
) -> DenyReason | AccessWarning | None:
    """Judged by the later of the clock and the newest trusted time, like a badge's end.

    "Missing" takes precedence over "expired": the person must get that qualification first.
    """
    if request.record is None:
        return None
    held = dict(request.record.cardholder.qualifications)
    today = facts.site.date(now.judged_utc)
    if any(name not in held for name in setting.required):
        return DenyReason.QUALIFICATION_MISSING
    if any(held[name] < today for name in setting.required):
        return DenyReason.QUALIFICATION_EXPIRED
    unsure = now.clock is ClockState.UNTRUSTED and facts.site.when_clock_untrusted == "refuse"
    if unsure and now.not_before is None and setting.required:
        return DenyReason.CLOCK_UNTRUSTED
    for name in setting.required:
        qualification = facts.book.qualifications.get(name)
        if qualification is not None and (held[name] - today).days <= qualification.warn_days:
            return AccessWarning.QUALIFICATION_ENDS_SOON
    return None


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: QualificationsSetting
) -> Observations:
    held = {} if request.record is None else dict(request.record.cardholder.qualifications)
    until: dict[str, Json] = {
        name: held[name].isoformat() if name in held else None for name in setting.required
    }
    return {"holds_until": until, "today": facts.site.date(now.judged_utc).isoformat()}
