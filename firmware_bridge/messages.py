"""What a bridge says and hears: one JSON object on a line, at most 1 KiB with its newline.

`reader` is the reader's name where one bridge has several on its line; a bridge of one reader leaves it out.
A bridge says on its message pipe (a private copy of stdout), and hears on stdin. Both sides treat the
other's lines as hostile: a line too long, not JSON, of unknown type or with wrong fields is a BadMessage.
"""

import json
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from firmware_bridge.problems import Problem, is_complete

MAX_LINE = 1024
T = TypeVar("T", bound="FromBridge | ToBridge")


class BadMessage(ValueError):
    """The line is not a message of ours; the text says why, without repeating the line."""


@dataclass(frozen=True)
class BridgeHeartbeat:
    """From the work loop, between looks, twice a second: proof that the reader is still being polled."""

    type: ClassVar[str] = "heartbeat"
    polls: int = field(metadata={"wire": "looks"})


@dataclass(frozen=True)
class DeviceOnline:
    type: ClassVar[str] = "device_online"
    device: str
    reader: str = ""


@dataclass(frozen=True)
class DeviceOffline:
    """`problem` is a code of problems.py, `fields` exactly the fields of that code."""

    type: ClassVar[str] = "device_offline"
    problem: str
    fields: dict[str, str | int]
    reader: str = ""

    @classmethod
    def of(cls, problem: Problem, reader: str = "") -> "DeviceOffline":
        return cls(problem.code.value, dict(problem.fields), reader)


@dataclass(frozen=True)
class CardFound:
    """A card came into the field; the door answers `NumberOnly`, `ProveKey` or `ReadSunMessage` for the same
    presentation."""

    type: ClassVar[str] = "card_found"
    presentation: int
    kind: str
    number: str
    reader: str = ""


@dataclass(frozen=True)
class CardRead:
    """Exactly one for each presentation the door has answered, unless it is refused.

    `assurance` is 0 where the number alone was read, and 2 where the card has proved the key of `ProveKey`,
    has said itself that it believes the reader, and has named itself by this number under its MAC.
    """

    type: ClassVar[str] = "card_presented"
    presentation: int
    kind: str
    number: str
    assurance: int
    reader: str = ""


@dataclass(frozen=True)
class SunMessageRead:
    """In place of `CardRead`, where the door asked by `ReadSunMessage` what the card says by itself.

    `said` is UID and counter, 20 hexadecimal digits, or 32 where they are encrypted; `mac` has 16. Nobody has
    looked yet whether the one vouches for the other.
    """

    type: ClassVar[str] = "word_read"
    presentation: int
    kind: str
    number: str
    sun_data: str = field(metadata={"wire": "said"})
    mac: str
    reader: str = ""


@dataclass(frozen=True)
class CardRejected:
    """`reason`: card_number_random; card_half_issued (its issuing has not ended); card_unreadable (it gave no
    number, was not there long enough to be looked at, or this reader cannot ask cards).

    Of a card that has to prove a key also: authentication_failed (it answered, and the proof is wrong),
    card_silent (it stayed and did not answer), or card_left (before it had proved its key).
    """

    type: ClassVar[str] = "card_refused"
    presentation: int
    reason: str
    number: str
    reader: str = ""


@dataclass(frozen=True)
class PinKeyed:
    """Digits, sent off with the key #. Its repr hides them."""

    type: ClassVar[str] = "pin_entered"
    digits: str = field(repr=False)
    reader: str = ""


@dataclass(frozen=True)
class ConditionChanged:
    """What is known of the reader's state: `condition` is tamper, power or output (its relay cannot be
    switched, where a lock hangs on it), active when it is bad."""

    type: ClassVar[str] = "condition_changed"
    condition: str
    active: bool
    reader: str = ""


@dataclass(frozen=True)
class InstallChanged:
    """Of the window in which a reader may be given its key: `state` is opened, taken (the reader has its
    key), closed (nobody came), or failed (no key could be made)."""

    type: ClassVar[str] = "install_changed"
    state: str
    reader: str = ""


@dataclass(frozen=True)
class NumberOnly:
    """The card's number is enough; no key for it to prove."""

    type: ClassVar[str] = "number_only"
    presentation: int
    reader: str = ""


@dataclass(frozen=True)
class ProveKey:
    """The badge of that number has a key: the card has to prove it. `key` is 32 hexadecimal digits, CK1 then
    CK2 in the cipher's order; its repr hides it."""

    type: ClassVar[str] = "prove_key"
    presentation: int
    key: str = field(repr=False)
    key_version: int
    reader: str = ""


@dataclass(frozen=True)
class ReadSunMessage:
    """The badge of that number makes up a message with a MAC at each reading (SUN): read it, once."""

    type: ClassVar[str] = "read_word"
    presentation: int
    reader: str = ""


@dataclass(frozen=True)
class ShowIndication:
    """`indication` is granted, refused, enter_pin or second_person."""

    type: ClassVar[str] = "show"
    indication: str
    reader: str = ""


@dataclass(frozen=True)
class OpenInstall:
    """Make the reader a new key, and open the window in which it may be given it."""

    type: ClassVar[str] = "open_install"
    reader: str = ""


@dataclass(frozen=True)
class SwitchRelay:
    """The relay in the reader, where the lock of a door hangs on it; said again to a bridge started anew."""

    type: ClassVar[str] = "switch_relay"
    active: bool
    reader: str = ""


FromBridge = (
    BridgeHeartbeat
    | DeviceOnline
    | DeviceOffline
    | CardFound
    | CardRead
    | SunMessageRead
    | CardRejected
    | PinKeyed
    | ConditionChanged
    | InstallChanged
)
ToBridge = NumberOnly | ProveKey | ReadSunMessage | ShowIndication | OpenInstall | SwitchRelay
_FROM: dict[str, type[FromBridge]] = {
    m.type: m
    for m in (
        BridgeHeartbeat,
        DeviceOnline,
        DeviceOffline,
        CardFound,
        CardRead,
        SunMessageRead,
        CardRejected,
        PinKeyed,
        ConditionChanged,
        InstallChanged,
    )
}
_TO: dict[str, type[ToBridge]] = {
    m.type: m for m in (NumberOnly, ProveKey, ReadSunMessage, ShowIndication, OpenInstall, SwitchRelay)
}


def encode(message: FromBridge | ToBridge) -> bytes:
    """One line. Texts that would make it too long are a bug of the caller, and raise."""
    values: dict[str, Any] = {"type": message.type}
    values |= {_wire_name(f): getattr(message, f.name) for f in fields(message)}
    if not values.get("reader"):
        values.pop("reader", None)
    line = json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > MAX_LINE:
        raise ValueError(f"{message.type} would be {len(line)} bytes")
    return line


def decode_from_bridge(line: bytes) -> FromBridge:
    return _decode(line, _FROM)


def decode_to_bridge(line: bytes) -> ToBridge:
    return _decode(line, _TO)


def _decode(line: bytes, classes: dict[str, type[T]]) -> T:
    if len(line) > MAX_LINE:
        raise BadMessage("line too long")
    try:
        values = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise BadMessage("not JSON in ASCII") from error
    if (
        not isinstance(values, dict)
        or not isinstance(kind := values.pop("type", None), str)
        or kind not in classes
    ):
        raise BadMessage("unknown type")
    message = classes[kind]
    if values.get("reader") == "":
        raise BadMessage(f"wrong reader in {kind}")
    if any(f.name == "reader" for f in fields(message)):
        values.setdefault("reader", "")
    if set(values) != {_wire_name(f) for f in fields(message)}:
        raise BadMessage(f"wrong fields for {kind}")
    for f in fields(message):
        name = _wire_name(f)
        value = values[name]
        if f.name == "fields":
            if not _are_fields(value, values["problem"]):
                raise BadMessage(f"wrong problem in {kind}")
        elif type(value) is not f.type or not _is_in_range(value):
            raise BadMessage(f"wrong {name} in {kind}")
    return message(**{f.name: values[_wire_name(f)] for f in fields(message)})


def _wire_name(field: Field[Any]) -> str:
    """The field's name on the pipe, where it differs."""
    return str(field.metadata.get("wire", field.name))


def _are_fields(value: object, problem: str) -> bool:
    return (
        isinstance(value, dict)
        and is_complete(problem, value)
        and all(type(one) in (str, int) and _is_in_range(one) for one in value.values())
    )


def _is_in_range(value: object) -> bool:
    return not isinstance(value, int) or 0 <= value < 2**53
