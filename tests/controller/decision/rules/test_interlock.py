from controller.decision.access import decide
from controller.decision.facts import DoorFacts
from controller.model.reasons import DenyReason
from controller.model.rules.interlock import InterlockSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, site_facts, taps

WAITS = InterlockSetting(ENFORCE, ("archive",))


def test_other_door_open_or_released_refuses() -> None:
    for other in (DoorFacts(is_open=True), DoorFacts(is_released=True)):
        assert (
            decide(taps(), NOON, site_facts(WAITS, doors={"archive": other})).reason is DenyReason.INTERLOCK
        )


def test_other_door_closed_and_secured_admits() -> None:
    assert decide(taps(), NOON, site_facts(WAITS, doors={"archive": DoorFacts()})).reason is None


def test_a_third_door_does_not_matter() -> None:
    assert decide(taps(), NOON, site_facts(WAITS, doors={"garden": DoorFacts(is_open=True)})).reason is None


def test_door_never_waits_for_itself() -> None:
    facts = site_facts(InterlockSetting(ENFORCE, ("entrance",)), doors={"entrance": DoorFacts(is_open=True)})
    assert decide(taps(), NOON, facts).reason is None


def test_leaving_waits_for_no_door() -> None:
    facts = site_facts(at_the_door=(WAITS,), doors={"archive": DoorFacts(is_open=True)})
    assert decide(taps(access_point="entrance-out"), NOON, facts).reason is None
