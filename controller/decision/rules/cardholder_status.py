"""Suspending a person suspends all their badges."""

from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.credentials import CardholderStatus
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def cardholder_status(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse a suspended cardholder."""
    if request.record is not None and request.record.cardholder.status is CardholderStatus.SUSPENDED:
        return DenyReason.CARDHOLDER_SUSPENDED
    return None
