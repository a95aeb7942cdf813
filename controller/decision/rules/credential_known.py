"""The card must be a badge in the registry."""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def credential_known(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse a card that the registry does not have."""
    return DenyReason.CREDENTIAL_UNKNOWN if request.record is None else None


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    return {"known": request.record is not None}
