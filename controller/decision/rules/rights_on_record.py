"""The log must say that the badge and its holder have the rights that the registry holds."""

from collections.abc import Mapping
from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, RightsState
from controller.model.moment import Moment
from controller.model.reasons import AccessWarning, DenyReason

_ANSWERS: Mapping[RightsState, DenyReason | AccessWarning] = {
    RightsState.UNACCOUNTED: DenyReason.RIGHTS_UNACCOUNTED,
    RightsState.UNACCOUNTED_ADMITTED: AccessWarning.UNACCOUNTED_ADMITTED,
    RightsState.UNREADABLE: DenyReason.JOURNAL_UNAVAILABLE,
}


def rights_on_record(
    request: AccessRequest, now: Moment, site: SitePolicy
) -> DenyReason | AccessWarning | None:
    """Refuse rights that no record gives, or warn of them."""
    return _ANSWERS.get(request.rights)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    return {"rights": request.rights.value}
