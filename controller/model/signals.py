"""Signals: something the world told us. Past tense or nouns; frozen; checked when built."""

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

    `unproved`: why it is not taken for the badge of that number; it may be a copy, or half issued.
    `reading`: the card proved it by a message of its own (SUN), which counts if nobody has heard it before.
    """

    reader: str
    number: CardNumber
    assurance: Assurance = Assurance.NUMBER_ONLY
    unproved: Unproved | None = None
    reading: CardReading | None = None


@dataclass(frozen=True)
class CardRefused:
    """The bridge would not take the card's number (a phone's random serial), or could not read it."""

    reader: str
    reason: DenyReason
    number: CardNumber | None = None


@dataclass(frozen=True)
class PinEntered:
    """Digits keyed in at a reader and sent off. Its repr hides them: no log and no traceback holds a PIN."""

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
    """What a reader may say of its own state."""

    TAMPER = "tamper"  # it was opened or taken off the wall
    POWER = "power"  # its supply fails
    OUTPUT = "output"  # its relay cannot be switched, and a lock hangs on it


@dataclass(frozen=True)
class ReaderConditionChanged:
    """`active`: the condition has come; otherwise it has ended."""

    reader: str
    condition: Condition
    active: bool


class InstallState(StrEnum):
    """Of the window in which a reader may be given its key."""

    OPENED = "opened"
    TAKEN = "taken"  # the reader has its key
    CLOSED = "closed"  # nobody came
    FAILED = "failed"  # no key could be made


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
    """Let one passage through `door`: a durable grant, an order, or an outward card.

    `grant_seq` is the journal number of the grant whose outcome is to be recorded, where there is one.
    """

    door: str
    grant_seq: int | None = None


@dataclass(frozen=True)
class WalksIn:
    """Somebody whom the rules refuse goes through `door`, because it stands released.

    It asks nothing of the lock; `grant_seq` is the journal number of the grant whose outcome is recorded.
    """

    door: str
    grant_seq: int


@dataclass(frozen=True)
class MoreTimeAllowed:
    """Who was let through `door` just now needs longer: this time it may stand open longer."""

    door: str


@dataclass(frozen=True)
class HoldReleased:
    """The door's mode is unlocked, and durably recorded: the lock stays released until the hold ends.

    Each hold of a door has a number, higher than the one before; an end that overtakes its beginning counts.
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
    ContactSignal | ReleaseRequested | WalksIn | MoreTimeAllowed | HoldReleased | HoldEnded | TimerExpired
)
