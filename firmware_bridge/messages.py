"""The messages between a bridge and the door: one JSON object on a line, at most 1 KiB with its newline.

`reader` is the reader's name where one bridge has several readers on its line; a bridge of one reader leaves
it out. A bridge writes to its message pipe (a private copy of stdout) and reads from stdin. Each side treats
the other's lines as hostile: a line too long, not JSON, of unknown type or with wrong fields is a BadMessage.
"""

import json
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from firmware_bridge.problems import Problem, is_complete

MAX_LINE = 1024
T = TypeVar("T", bound="FromBridge | ToBridge")


class BadMessage(ValueError):
    """The line is not one of our messages; the text gives the reason and does not repeat the line."""


@dataclass(frozen=True)
class BridgeHeartbeat:
    """Sent by the work loop between polls, twice a second: proof that the bridge still polls the reader."""

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
    """A card is in the field. The door answers `NumberOnly`, `ProveKey` or `ReadSunMessage` for this
    presentation.
    """

    type: ClassVar[str] = "card_found"
    presentation: int
    kind: str
    number: str
    reader: str = ""


@dataclass(frozen=True)
class CardRead:
    """Sent once for each presentation that the door has answered, unless the card is rejected.

    `assurance` is 0 if the bridge read the number only. It is 2 if the card has proved the key of `ProveKey`,
    has confirmed that it accepts the reader, and has sent this number under its MAC.
    """

    type: ClassVar[str] = "card_presented"
    presentation: int
    kind: str
    number: str
    assurance: int
    reader: str = ""


@dataclass(frozen=True)
class SunMessageRead:
    """Replaces `CardRead` if the door sent `ReadSunMessage`: the card's own message (SUN).

    `sun_data` is UID and counter, 20 hexadecimal digits, or 32 if they are encrypted; `mac` has 16. The
    bridge does not verify the MAC; the door does.
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
    """`reason` is card_number_random; card_half_issued (its issuing has not ended); or card_unreadable (it
    gave no number, left before the bridge could read it, or this reader can't send commands to cards).

    For a card that must prove a key also: authentication_failed (it answered, and the proof is wrong),
    card_silent (it stayed and did not answer), or card_left (it left before it proved its key).
    """

    type: ClassVar[str] = "card_refused"
    presentation: int
    reason: str
    number: str
    reader: str = ""


@dataclass(frozen=True)
class PinKeyed:
    """Digits ended by the key #. The repr hides them."""

    type: ClassVar[str] = "pin_entered"
    digits: str = field(repr=False)
    reader: str = ""


@dataclass(frozen=True)
class ConditionChanged:
    """The reader's state: `condition` is tamper, power or output (its relay can't be switched although a lock
    uses it); active means faulty.
    """

    type: ClassVar[str] = "condition_changed"
    condition: str
    active: bool
    reader: str = ""


@dataclass(frozen=True)
class InstallChanged:
    """The window in which a reader accepts its key: `state` is "opened", "taken" (the reader has its key),
    "closed" (no reader came), or "failed" (no key could be created).
    """

    type: ClassVar[str] = "install_changed"
    state: str
    reader: str = ""


@dataclass(frozen=True)
class NumberOnly:
    """The card's number is enough; it need not prove a key."""

    type: ClassVar[str] = "number_only"
    presentation: int
    reader: str = ""


@dataclass(frozen=True)
class ProveKey:
    """The badge with this number has a key, and the card must prove it. `key` is 32 hexadecimal digits, CK1
    then CK2 in the cipher's order; the repr hides it.
    """

    type: ClassVar[str] = "prove_key"
    presentation: int
    key: str = field(repr=False)
    key_version: int
    reader: str = ""


@dataclass(frozen=True)
class ReadSunMessage:
    """The badge with this number creates a message with a MAC at each reading (SUN): read it once."""

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
    """Create a new key for the reader, and open the window in which the reader accepts it."""

    type: ClassVar[str] = "open_install"
    reader: str = ""


@dataclass(frozen=True)
class SwitchRelay:
    """Switches the relay in the reader, if the lock of a door uses it. The door sends it again after a bridge
    restarts.
    """

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
    """Return one line. Raises ValueError if the texts make it too long, which is a bug of the caller."""
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
