"""A badge has a first and a last moment."""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason


def credential_validity(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Judge by the later of the clock and the newest trusted time, so a clock set back revives no badge.

    Nor may a clock set ahead start a badge early: while the clock is untrusted, a beginning later than the
    newest trusted time counts as unknown. Without any trusted time, an untrusted clock cannot show that a
    badge has not ended.
    """
    if request.record is None:
        return None
    begins, ends = request.record.credential.valid_from, request.record.credential.valid_until
    if ends is not None and now.judged_utc >= ends:
        return DenyReason.CREDENTIAL_EXPIRED
    unsure = now.clock is ClockState.UNTRUSTED and site.when_clock_untrusted == "refuse"
    if ends is not None and unsure and now.not_before is None:
        return DenyReason.CLOCK_UNTRUSTED
    if begins is None:
        return None
    if now.judged_utc < begins:
        return DenyReason.CREDENTIAL_NOT_YET_VALID
    begun_for_sure = now.not_before is not None and now.not_before >= begins
    if unsure and not begun_for_sure:
        return DenyReason.CLOCK_UNTRUSTED
    return None


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    if request.record is None:
        return {}
    begins, ends = request.record.credential.valid_from, request.record.credential.valid_until
    return {
        "valid_from": None if begins is None else begins.isoformat(),
        "valid_until": None if ends is None else ends.isoformat(),
        "judged_by": now.judged_utc.isoformat(),
        "clock": now.clock.value,
    }
