import pytest

from controller.decision.access import decide
from controller.model.access import PinShown
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import house, taps


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (PinShown.NONE, DenyReason.PIN_REQUIRED),
        (PinShown.NOT_SET, DenyReason.PIN_REQUIRED),
        (PinShown.WRONG, DenyReason.PIN_WRONG),
        (PinShown.LOCKED, DenyReason.PIN_LOCKED),
        (PinShown.RIGHT, None),
        (PinShown.DURESS, None),
    ],
)
def test_door_that_asks_for_a_pin_looks_at_what_was_keyed_in(
    shown: PinShown, reason: DenyReason | None
) -> None:
    assert decide(taps(pin=shown), NOON, house(mode=DoorMode.CARD_PIN)).reason is reason


@pytest.mark.parametrize("shown", list(PinShown))
def test_door_that_asks_for_none_admits_whatever_is_keyed_in(shown: PinShown) -> None:
    assert decide(taps(pin=shown), NOON, house()).reason is None


def test_leaving_needs_none() -> None:
    out = taps(access_point="entrance-out", pin=PinShown.WRONG)
    assert decide(out, NOON, house(mode=DoorMode.CARD_PIN)).reason is None
