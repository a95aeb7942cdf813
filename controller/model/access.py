"""Who may pass where and when: the look-up result for one card, and the request that the rules judge."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.model.credentials import Assurance, Cardholder, Credential, CredentialKind
from controller.model.readings import CardReading
from controller.model.recorded_rights import SubjectDigest
from controller.model.unproved import Unproved


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class StandsReleased(StrEnum):
    """Why a door is kept released, however many people pass. Such a door keeps nobody out."""

    FIRE = "fire"
    MODE = "mode"  # unlocked


@dataclass(frozen=True)
class TimeWindow:
    """Starts on `weekday` (0 = Monday) at `start` minutes after local midnight and lasts to `end`, exclusive.

    `end` <= `start` crosses midnight into the next day; 0 to 1440 is the whole day.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, order=True)
class Hours:
    """From `start` to `end` as in a TimeWindow, on any day of its type."""

    start: int
    end: int


@dataclass(frozen=True)
class SpecialDay:
    """The hours on days of this type, in place of the weekday's windows; without hours: closed."""

    day_type: str
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """Open when any window is open. `always` is the built-in schedule without windows.

    A day type that is not in `special` has the windows of its weekday.
    """

    id: str
    name: str
    windows: tuple[TimeWindow, ...] = ()
    always: bool = False
    special: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True)
class AccessRule:
    """One access point and one schedule, from `valid_from` (inclusive) until `valid_until` (exclusive) if the
    access level is limited in time.
    """

    access_point: str
    schedule: Schedule
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class LevelMembership:
    """An access level that a person has, limited in time as an AccessRule is."""

    level_id: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class AccessRecord:
    """Everything the registry knows about a card at one access point.

    `rules` are only those of this access point, from all of the cardholder's access levels (`levels`).
    `rights`: the digests of badge and holder, as they were read for this record; `key_source`: of the row
    that holds the badge's key, empty without a key.
    """

    credential: Credential
    cardholder: Cardholder
    rules: tuple[AccessRule, ...]
    rights: tuple[SubjectDigest, ...] = ()
    levels: tuple[LevelMembership, ...] = ()
    key_source: bytes = b""


class PinResult(StrEnum):
    """The result of the PIN that was keyed in with the card."""

    NONE = "none"
    RIGHT = "right"
    WRONG = "wrong"
    DURESS = "duress"  # the holder's other PIN: opens as usual, and calls for help
    LOCKED = "locked"  # not checked: too many wrong ones
    NOT_SET = "not_set"  # the holder has none


class RightsState(StrEnum):
    """How what the door read of a badge and its holder compares with the rights in force."""

    UNCHECKED = "unchecked"  # on the way out, or as long as not all rights are on record
    IN_FORCE = "in_force"
    UNACCOUNTED = "unaccounted"  # no record gives these rights
    UNACCOUNTED_ADMITTED = "unaccounted_admitted"  # nor these, and `[log] unaccounted = "alarm"`
    UNREADABLE = "unreadable"  # the log cannot be read, and this door refuses entries then


@dataclass(frozen=True)
class DefinitionRecords:
    """The newest records of the definitions that a tap depends on."""

    rules: int
    levels: int | None
    schedules: int  # and of the days with a type of their own


@dataclass(frozen=True)
class AccessRequest:
    """A card at an access point, after the look-up. `card_hash` is the keyed hash, never the number.

    `unproved`: why the card does not count as the badge of its number. `reading`: the card's SUN reading, if
    it sends any. `key_source` as in CardPresented.
    """

    door: str
    access_point: str
    reader: str
    direction: Direction
    kind: CredentialKind
    card_hash: bytes
    last_four: str
    record: AccessRecord | None
    registry_version: int
    assurance: Assurance = Assurance.NUMBER_ONLY
    pin: PinResult = PinResult.NONE
    unproved: Unproved | None = None
    reading: CardReading | None = None
    key_source: bytes | None = None
    rights: RightsState = RightsState.UNCHECKED
    rights_seq: int | None = None  # the newest record of the rights of this badge and its holder
    definition_records: DefinitionRecords | None = None
    from_copy: bool = False  # looked up in the last good copy: the registry cannot be read
