"""One door waits for others to be closed and secured."""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import InterlockSetting


def interlock(
    request: AccessRequest, now: Moment, facts: Facts, setting: InterlockSetting
) -> DenyReason | None:
    """A door never waits for itself."""
    others = (facts.door(name) for name in setting.doors if name != request.door)
    return DenyReason.INTERLOCK if any(other.is_open or other.is_released for other in others) else None
