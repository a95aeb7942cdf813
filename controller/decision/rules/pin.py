"""If the door's mode requires a PIN, the badge alone is not enough."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.model.access import AccessRequest, PinResult
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode

_REFUSED = {
    PinResult.NONE: DenyReason.PIN_REQUIRED,
    PinResult.NOT_SET: DenyReason.PIN_REQUIRED,
    PinResult.WRONG: DenyReason.PIN_WRONG,
    PinResult.LOCKED: DenyReason.PIN_LOCKED,
}


def pin(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    """The duress PIN opens like the right one: nothing at the door may show the difference."""
    if facts.door(request.door).mode is not DoorMode.CARD_PIN:
        return None
    return _REFUSED.get(request.pin)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: None) -> Observations:
    """A right PIN and a duress PIN give the same result here."""
    pin = "right" if request.pin.value == "duress" else request.pin.value
    return {"mode": facts.door(request.door).mode.value, "pin": pin}
