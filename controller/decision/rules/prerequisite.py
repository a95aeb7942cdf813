"""Something else comes first: the phone locker, a gate, a declaration, on the same day of the site."""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import PrerequisiteSetting


def prerequisite(
    request: AccessRequest, now: Moment, facts: Facts, setting: PrerequisiteSetting
) -> DenyReason | None:
    """Refuse whoever has not been let through the other access point today."""
    if facts.presence is None or request.record is None:
        return None
    done = facts.presence.entered_at(request.record.cardholder.id, setting.access_point)
    if done is not None and facts.site.day(done) == facts.site.day(now.judged_utc):
        return None
    return DenyReason.PREREQUISITE_MISSING
