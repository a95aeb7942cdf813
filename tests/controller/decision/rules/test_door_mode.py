import pytest

from controller.decision.access import decide
from controller.model.access import PinResult
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import site_facts, taps, who


@pytest.mark.parametrize("mode", [DoorMode.BLOCKED, DoorMode.LOCKED])
def test_closed_door_refuses(mode: DoorMode) -> None:
    assert decide(taps(), NOON, site_facts(mode=mode)).reason is DenyReason.DOOR_BLOCKED


def test_locked_door_admits_anyone_who_may_override_it() -> None:
    assert decide(taps(who(overrides=True)), NOON, site_facts(mode=DoorMode.LOCKED)).reason is None


def test_blocked_door_refuses_even_them() -> None:
    facts = site_facts(mode=DoorMode.BLOCKED)
    assert decide(taps(who(overrides=True)), NOON, facts).reason is DenyReason.DOOR_BLOCKED


@pytest.mark.parametrize("mode", [DoorMode.CARD, DoorMode.UNLOCKED, DoorMode.CARD_PIN])
def test_other_modes_leave_it_to_the_card(mode: DoorMode) -> None:
    assert decide(taps(pin=PinResult.RIGHT), NOON, site_facts(mode=mode)).reason is None


@pytest.mark.parametrize("mode", list(DoorMode))
def test_leaving_is_free_in_each_mode(mode: DoorMode) -> None:
    assert decide(taps(access_point="entrance-out"), NOON, site_facts(mode=mode)).reason is None
