"""A badge can be suspended for a time, or be lost permanently."""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.credentials import CredentialStatus
from controller.model.moment import Moment
from controller.model.reasons import DenyReason

_REFUSED = {
    CredentialStatus.LOST: DenyReason.CREDENTIAL_LOST,
    CredentialStatus.SUSPENDED: DenyReason.CREDENTIAL_SUSPENDED,
}


def credential_status(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse a lost or suspended badge."""
    return None if request.record is None else _REFUSED.get(request.record.credential.status)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    return {} if request.record is None else {"status": request.record.credential.status.value}
