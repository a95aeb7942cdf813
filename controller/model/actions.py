"""Actions: what we ask of the world. Imperative; frozen."""

from dataclasses import dataclass
from enum import StrEnum

from controller.model.events import Event, EventType


class Indication(StrEnum):
    """What a reader shows the person in front of it."""

    GRANTED = "granted"
    REFUSED = "refused"
    ENTER_PIN = "enter_pin"  # the card is good; the person must key in the PIN
    SECOND_PERSON = "second_person"  # the card is good; a second person must tap


@dataclass(frozen=True)
class RecordEvent:
    """Append `event` to the journal; nothing waits for it."""

    event: Event


@dataclass(frozen=True)
class RecordThenRelease:
    """Append the grant; when, and only when, it is durable, release `door`.

    If it is not durable in time, the person is refused with `journal_unavailable`, and a record that is
    written late gets the outcome `not_released`. With `more_time` the door may then stay open longer.
    """

    grant: Event
    door: str
    reader: str | None
    more_time: bool = False


@dataclass(frozen=True)
class RecordPassage:
    """Append the grant of a person at `door`, which is kept released: they enter even if the log fails.

    Nobody is refused: a grant that is not durable in time is recorded later. `releases`: the rules admit the
    person as well, so they get a release of their own, which may outlast what keeps the door released.
    """

    grant: Event
    door: str
    reader: str | None
    releases: bool
    more_time: bool = False


@dataclass(frozen=True)
class AllowMoreTime:
    """The person who leaves through `door` may keep it open longer."""

    door: str


@dataclass(frozen=True)
class Show:
    reader: str
    indication: Indication


@dataclass(frozen=True)
class ReleaseLock:
    door: str


@dataclass(frozen=True)
class SecureLock:
    door: str


@dataclass(frozen=True)
class StartTimer:
    """(Re)start the door's timer `timer` to expire at `at_ms` of the monotonic clock."""

    door: str
    timer: str
    at_ms: int


@dataclass(frozen=True)
class StopTimer:
    door: str
    timer: str


@dataclass(frozen=True)
class RecordDoorEvent:
    """The door machine has no wall time; the drive thread adds the moment and records it."""

    door: str
    type: EventType
    result: str | None = None
    of: int | None = None


DecisionAction = RecordEvent | RecordThenRelease | RecordPassage | AllowMoreTime | Show
DoorAction = ReleaseLock | SecureLock | StartTimer | StopTimer | RecordDoorEvent
