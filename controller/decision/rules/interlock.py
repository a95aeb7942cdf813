"""A door waits until other doors are closed and secured."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.interlock import InterlockSetting


def interlock(
    request: AccessRequest, now: Moment, facts: Facts, setting: InterlockSetting
) -> DenyReason | None:
    return DenyReason.INTERLOCK if others_in_use(request.door, facts, setting) else None


def others_in_use(door: str, facts: Facts, setting: InterlockSetting) -> list[str]:
    """The other doors that are open or released. A door never waits for itself."""
    others = [name for name in setting.doors if name != door]
    return [name for name in others if facts.door(name).is_open or facts.door(name).is_released]


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: InterlockSetting
) -> Observations:
    others = [name for name in setting.doors if name != request.door]
    return {
        "doors": [*others],
        "open": [*others_in_use(request.door, facts, setting)],
    }
