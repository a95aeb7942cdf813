"""Suspending a person suspends all their badges."""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
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


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    return {} if request.record is None else {"status": request.record.cardholder.status.value}
