"""Where a reader is, and the records of its state: online, offline, its conditions, its install window."""

from dataclasses import dataclass

from controller.model.access import Direction
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.signals import (
    Condition,
    InstallState,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
)

ReaderStateSignal = ReaderOnline | ReaderOffline | ReaderConditionChanged | ReaderInstallChanged

_OF_CONDITION = {
    (Condition.TAMPER, True): EventType.READER_TAMPER,
    (Condition.TAMPER, False): EventType.READER_TAMPER_ENDED,
    (Condition.POWER, True): EventType.READER_POWER_FAILED,
    (Condition.POWER, False): EventType.READER_POWER_RESTORED,
    (Condition.OUTPUT, True): EventType.READER_OUTPUT_FAILED,
    (Condition.OUTPUT, False): EventType.READER_OUTPUT_RESTORED,
}
_OF_INSTALL = {
    InstallState.OPENED: EventType.READER_INSTALL_OPENED,
    InstallState.TAKEN: EventType.READER_KEY_TAKEN,
    InstallState.CLOSED: EventType.READER_INSTALL_CLOSED,
    InstallState.FAILED: EventType.READER_INSTALL_FAILED,
}


@dataclass(frozen=True)
class ReaderLocation:
    """The door and access point of a reader."""

    door: str
    access_point: str
    direction: Direction


def reader_event(signal: ReaderStateSignal, location: ReaderLocation, now: Moment) -> Event:
    details: dict[str, Json] = {}
    match signal:
        case ReaderOnline(_, device):
            type_, details = EventType.READER_ONLINE, {"device": device}
        case ReaderOffline(_, problem, fields):
            type_, details = EventType.READER_OFFLINE, {"problem": problem, **fields}
        case ReaderConditionChanged(_, condition, active):
            type_ = _OF_CONDITION[condition, active]
        case ReaderInstallChanged(_, state):
            type_ = _OF_INSTALL[state]
    return Event(
        type_,
        now,
        door=location.door,
        access_point=location.access_point,
        reader=signal.reader,
        details=details,
    )
