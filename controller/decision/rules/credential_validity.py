"""A badge has a first and a last moment."""

from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason


def credential_validity(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Judge by the later of the clock and the newest trusted time, so a clock set back revives nothing.

    The other way round, a clock set ahead must not bring a badge to life early: while it is untrusted, a
    beginning that the newest trusted time has not reached counts as unknown.
    """
    if request.record is None:
        return None
    begins, ends = request.record.credential.valid_from, request.record.credential.valid_until
    if ends is not None and now.judged_utc >= ends:
        return DenyReason.CREDENTIAL_EXPIRED
    if begins is None:
        return None
    if now.judged_utc < begins:
        return DenyReason.CREDENTIAL_NOT_YET_VALID
    begun_for_sure = now.not_before is not None and now.not_before >= begins
    if now.clock is ClockState.UNTRUSTED and not begun_for_sure and site.when_clock_untrusted == "refuse":
        return DenyReason.CLOCK_UNTRUSTED
    return None
