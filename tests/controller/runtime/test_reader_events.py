"""Each state of a reader is a record of its own type, at the reader's door."""

import pytest

from controller.model.access import Direction
from controller.model.events import EventType
from controller.model.signals import (
    Condition,
    InstallState,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
)
from controller.runtime.reader_events import ReaderLocation, ReaderStateSignal, reader_event
from tests.sample_site import NOW

PLACE = ReaderLocation("entrance", "entrance-in", Direction.IN)


@pytest.mark.parametrize(
    ("signal", "type_", "details"),
    [
        (ReaderOnline("r", "PN532"), EventType.READER_ONLINE, {"device": "PN532"}),
        (
            ReaderOffline("r", "not_there", {"path": "usb"}),
            EventType.READER_OFFLINE,
            {"problem": "not_there", "path": "usb"},
        ),
        (ReaderConditionChanged("r", Condition.TAMPER, True), EventType.READER_TAMPER, {}),
        (ReaderConditionChanged("r", Condition.POWER, False), EventType.READER_POWER_RESTORED, {}),
        (ReaderInstallChanged("r", InstallState.TAKEN), EventType.READER_KEY_TAKEN, {}),
    ],
)
def test_state_becomes_the_record_of_its_type(
    signal: ReaderStateSignal, type_: EventType, details: dict[str, object]
) -> None:
    event = reader_event(signal, PLACE, NOW)
    assert (event.type, event.details, event.at) == (type_, details, NOW)
    assert (event.door, event.access_point, event.reader) == ("entrance", "entrance-in", "r")


def test_every_condition_and_install_state_has_its_record() -> None:
    for condition in Condition:
        for active in (True, False):
            reader_event(ReaderConditionChanged("r", condition, active), PLACE, NOW)
    for state in InstallState:
        reader_event(ReaderInstallChanged("r", state), PLACE, NOW)
