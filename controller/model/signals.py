"""Signals: what the world reports. Past tense or nouns; frozen; checked when built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.model.credentials import Assurance, CardNumber
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.unproved import Unproved


@dataclass(frozen=True)
class CardPresented:
    """One presentation of one card, however long it stays in the field.

    `unproved`: why it does not count as the badge of that number; it may be a copy, or half issued.
    `reading`: the card proved it by a SUN message, which counts if its counter is new. `key_source`: the
    digest of the key that the registry held for it when the reader asked, empty without a key, None if the
    reader did not learn it.
    """

    reader: str
    number: CardNumber
    assurance: Assurance = Assurance.NUMBER_ONLY
    unproved: Unproved | None = None
    reading: CardReading | None = None
    key_source: bytes | None = None


@dataclass(frozen=True)
class CardRefused:
    """The bridge does not accept the card's number (a phone's random serial), or could not read it."""

    reader: str
    reason: DenyReason
    number: CardNumber | None = None


@dataclass(frozen=True)
class PinEntered:
    """Digits keyed in at a reader and sent. Its repr hides them: no log and no traceback has a PIN."""

    reader: str
    digits: str = field(repr=False)


@dataclass(frozen=True)
class ReaderOnline:
    reader: str
    device: str


@dataclass(frozen=True)
class ReaderOffline:
    """`problem` is a code of `firmware_bridge/problems.py`; `fields` are exactly those of that code."""

    reader: str
    problem: str
    fields: Mapping[str, str | int] = field(default_factory=dict)


class Condition(StrEnum):
    """What a reader can report of its own state."""

    TAMPER = "tamper"  # it was opened or removed from the wall
    POWER = "power"  # its supply fails
    OUTPUT = "output"  # its relay, which drives a lock, cannot be switched


@dataclass(frozen=True)
class ReaderConditionChanged:
    """`active`: the condition has begun; otherwise it has ended."""

    reader: str
    condition: Condition
    active: bool


class InstallState(StrEnum):
    """The state of the window in which the door may give a reader its key."""

    OPENED = "opened"
    TAKEN = "taken"  # the reader has its key
    CLOSED = "closed"  # the ten minutes ended and no reader accepted the key
    FAILED = "failed"  # no key could be generated


@dataclass(frozen=True)
class ReaderInstallChanged:
    reader: str
    state: InstallState


@dataclass(frozen=True)
class DoorOpened:
    door: str


@dataclass(frozen=True)
class DoorClosed:
    door: str


@dataclass(frozen=True)
class RexPressed:
    door: str


@dataclass(frozen=True)
class RexEnded:
    door: str


@dataclass(frozen=True)
class FireStarted:
    """The fire input became active; it concerns every door of this controller."""


@dataclass(frozen=True)
class FireEnded:
    pass


@dataclass(frozen=True)
class ReleaseRequested:
    """Release `door` for one passage: a durable grant, an order, or an outward card.

    `grant_seq` is the journal number of the grant that gets the outcome, if there is one.
    """

    door: str
    grant_seq: int | None = None


@dataclass(frozen=True)
class PassageAtReleasedDoor:
    """A person whom the rules refuse goes through `door`, because it is kept released.

    It does not move the lock; `grant_seq` is the journal number of the grant that gets the outcome.
    """

    door: str
    grant_seq: int


@dataclass(frozen=True)
class MoreTimeAllowed:
    """The person admitted at `door` just now needs longer: this time it may stay open longer."""

    door: str


@dataclass(frozen=True)
class HoldReleased:
    """The door's mode is unlocked, and durably recorded: the lock stays released until the hold ends.

    Each hold of a door has a number higher than the one before; an end that overtakes its beginning counts.
    """

    door: str
    hold: int


@dataclass(frozen=True)
class HoldEnded:
    door: str
    hold: int


@dataclass(frozen=True)
class TimerExpired:
    door: str
    timer: str


ReaderSignal = (
    CardPresented
    | CardRefused
    | PinEntered
    | ReaderOnline
    | ReaderOffline
    | ReaderConditionChanged
    | ReaderInstallChanged
)
ContactSignal = DoorOpened | DoorClosed | RexPressed | RexEnded | FireStarted | FireEnded
DoorSignal = (
    ContactSignal
    | ReleaseRequested
    | PassageAtReleasedDoor
    | MoreTimeAllowed
    | HoldReleased
    | HoldEnded
    | TimerExpired
)
