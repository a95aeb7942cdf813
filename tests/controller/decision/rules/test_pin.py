import pytest

from controller.decision.access import decide
from controller.model.access import PinResult
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import site_facts, taps


@pytest.mark.parametrize(
    ("entered", "reason"),
    [
        (PinResult.NONE, DenyReason.PIN_REQUIRED),
        (PinResult.NOT_SET, DenyReason.PIN_REQUIRED),
        (PinResult.WRONG, DenyReason.PIN_WRONG),
        (PinResult.LOCKED, DenyReason.PIN_LOCKED),
        (PinResult.RIGHT, None),
        (PinResult.DURESS, None),
    ],
)
def test_door_that_asks_for_a_pin_checks_what_was_keyed_in(
    entered: PinResult, reason: DenyReason | None
) -> None:
    assert decide(taps(pin=entered), NOON, site_facts(mode=DoorMode.CARD_PIN)).reason is reason


@pytest.mark.parametrize("entered", list(PinResult))
def test_door_that_asks_for_none_admits_anything_that_is_keyed_in(entered: PinResult) -> None:
    assert decide(taps(pin=entered), NOON, site_facts()).reason is None


def test_leaving_needs_none() -> None:
    out = taps(access_point="entrance-out", pin=PinResult.WRONG)
    assert decide(out, NOON, site_facts(mode=DoorMode.CARD_PIN)).reason is None
