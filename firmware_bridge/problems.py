"""What can be wrong with a reader: a code with its fields. Pages and the command line choose the words.

Codes and field names are kept in the log permanently: add to them, never rename one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Fields = Mapping[str, str | int]


class ProblemCode(StrEnum):
    """The comments give what the code's name leaves open."""

    # The bridge process. The door finds these, not the bridge.
    BRIDGE_ENDED = "bridge_ended"  # `end`: its exit status or signal
    BRIDGE_SILENT = "bridge_silent"  # no heartbeat in time
    BRIDGE_NOT_STARTED = "bridge_not_started"  # `error`: the errno, such as ENOENT

    # A reader of its own at USB, a serial port or UDP.
    NOT_THERE = "not_there"
    NO_PERMISSION = "no_permission"
    PORT_BUSY = "port_busy"
    UNSUPPORTED_MAKE = "unsupported_make"
    SERIAL_NUMBER_TWICE = "serial_number_twice"
    NOT_A_SERIAL_PORT = "not_a_serial_port"
    NO_ANSWER = "no_answer"
    NO_ANSWER_ON_SERIAL = "no_answer_on_serial"  # `baud`: the speed it should have
    WRONG_DEVICE_OR_SPEED = "wrong_device_or_speed"  # `baud`: the speed it should have
    ANSWERS_WITH_ERRORS = "answers_with_errors"
    ANSWERS_NONSENSE = "answers_nonsense"
    OPENS_WITH_NONSENSE = "opens_with_nonsense"
    FAILS = "fails"  # `error`: the errno, such as EIO

    # A reader behind pcscd.
    PCSC_FAILS = "pcsc_fails"  # `pcsc_code`: eight hexadecimal digits
    PCSC_BUSY = "pcsc_busy"
    PCSC_NAME_TWICE = "pcsc_name_twice"
    PCSCD_NOT_RUNNING = "pcscd_not_running"
    PCSCD_REFUSES = "pcscd_refuses"
    PYSCARD_MISSING = "pyscard_missing"

    # An OSDP reader.
    OSDP_NO_ANSWER = "osdp_no_answer"
    OSDP_NOT_UNDERSTOOD = "osdp_not_understood"
    OSDP_WRONG_ADDRESS = "osdp_wrong_address"  # answers with `found_address` instead of `address`
    OSDP_KEY_REFUSED = "osdp_key_refused"  # the reader has another key than the door
    OSDP_READERS_EXCHANGED = "osdp_readers_exchanged"  # it has the key of `other_reader`
    OSDP_NO_ENCRYPTION = "osdp_no_encryption"
    OSDP_UNEXPECTED_ANSWER = "osdp_unexpected_answer"
    OSDP_SESSION_ENDED = "osdp_session_ended"  # by the reader
    OSDP_FORGED_MESSAGES = "osdp_forged_messages"  # their MAC is not of the session's key

    # The door's key of an OSDP reader (SCBK).
    KEY_MISSING = "key_missing"
    KEY_UNREADABLE = "key_unreadable"  # `error`: the errno, such as EACCES
    KEY_SHARED = "key_shared"  # with `other_reader`
    KEY_WRONG_SIZE = "key_wrong_size"  # `size` and `right_size` in bytes
    KEY_IS_DEFAULT = "key_is_default"  # SCBK-D
    KEY_ONE_BYTE = "key_one_byte"
    KEY_COUNTS = "key_counts"
    KEY_REPEATS = "key_repeats"

    # The serial port of an OSDP line.
    LINE_UNPLUGGED = "line_unplugged"
    LINE_BUSY = "line_busy"
    LINE_NOT_THERE = "line_not_there"
    LINE_NO_PERMISSION = "line_no_permission"
    LINE_NOT_SERIAL = "line_not_serial"


_WITH_PATH = (
    "not_there no_permission port_busy unsupported_make serial_number_twice not_a_serial_port no_answer "
    "answers_with_errors answers_nonsense opens_with_nonsense pcsc_busy pcsc_name_twice pcscd_not_running "
    "pcscd_refuses pyscard_missing line_unplugged line_busy line_not_there line_no_permission line_not_serial"
)
_FIELDS: Mapping[ProblemCode, frozenset[str]] = {
    **dict.fromkeys(map(ProblemCode, _WITH_PATH.split()), frozenset({"path"})),
    ProblemCode.BRIDGE_ENDED: frozenset({"end"}),
    ProblemCode.BRIDGE_NOT_STARTED: frozenset({"error"}),
    ProblemCode.NO_ANSWER_ON_SERIAL: frozenset({"path", "baud"}),
    ProblemCode.WRONG_DEVICE_OR_SPEED: frozenset({"path", "baud"}),
    ProblemCode.FAILS: frozenset({"path", "error"}),
    ProblemCode.PCSC_FAILS: frozenset({"path", "pcsc_code"}),
    ProblemCode.OSDP_WRONG_ADDRESS: frozenset({"address", "found_address"}),
    ProblemCode.OSDP_READERS_EXCHANGED: frozenset({"other_reader"}),
    ProblemCode.KEY_UNREADABLE: frozenset({"error"}),
    ProblemCode.KEY_SHARED: frozenset({"other_reader"}),
    ProblemCode.KEY_WRONG_SIZE: frozenset({"size", "right_size"}),
}


def field_names(code: ProblemCode) -> frozenset[str]:
    """The fields that a problem of `code` has, no more and no fewer. The reader itself is not one of them."""
    return _FIELDS.get(code, frozenset())


@dataclass(frozen=True)
class Problem:
    code: ProblemCode
    fields: Fields = field(default_factory=dict)

    def __str__(self) -> str:
        """For the program's own log."""
        return " ".join([self.code.value, *(f"{name}={value!r}" for name, value in self.fields.items())])

    def at(self, path: str) -> "Problem":
        """The same problem of the reader at `path`."""
        return Problem(self.code, {"path": path, **self.fields})


def is_complete(code: str, fields: Iterable[str]) -> bool:
    """Return whether `code` is one of ours and `fields` are exactly its field names."""
    return code in set(ProblemCode) and set(fields) == field_names(ProblemCode(code))
