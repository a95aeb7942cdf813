"""May this card pass here now? The rules, and their order, written once."""

from collections.abc import Callable

from controller.decision.rules.access_level import access_level
from controller.decision.rules.cardholder_status import cardholder_status
from controller.decision.rules.credential_known import credential_known
from controller.decision.rules.credential_status import credential_status
from controller.decision.rules.credential_validity import credential_validity
from controller.decision.rules.schedule import schedule
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason

__all__ = ["RULES", "Rule", "SitePolicy", "decide"]

Rule = Callable[[AccessRequest, Moment, SitePolicy], DenyReason | None]

# The first refusal wins, so this is the order an auditor reads reasons in: what the card is, then
# whose it is, then where, then when.
RULES: tuple[Rule, ...] = (
    credential_known,
    credential_status,
    credential_validity,
    cardholder_status,
    access_level,
    schedule,
)


def decide(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """The first reason to refuse, or None: admitted."""
    for rule in RULES:
        reason = rule(request, now, site)
        if reason is not None:
            return reason
    return None
