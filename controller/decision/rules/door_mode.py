"""A door can be closed to everybody, or to all but people who may override it."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations, overrides
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode


def door_mode(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    """Refuse everybody at a blocked door, and at a locked door people without the right to override it."""
    mode = facts.door(request.door).mode
    overrides = request.record is not None and request.record.cardholder.overrides
    if mode is DoorMode.BLOCKED or (mode is DoorMode.LOCKED and not overrides):
        return DenyReason.DOOR_BLOCKED
    return None


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Observations:
    return {"mode": facts.door(request.door).mode.value, "overrides": overrides(request)}
