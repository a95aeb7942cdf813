"""One poll for cards of one technology. Everything nfcpy returns or raises becomes a value."""

import errno
from dataclasses import dataclass
from enum import Enum
from typing import Any

import nfc.clf

from firmware_bridge.nfc.lite_s_blocks import IC_CODES
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.problems import Problem, ProblemCode

_UID_SIZES = (4, 7, 10)
_CODES = {
    errno.ENODEV: ProblemCode.NOT_THERE,
    errno.ENOENT: ProblemCode.NOT_THERE,
    errno.ENXIO: ProblemCode.NOT_THERE,
    errno.EACCES: ProblemCode.NO_PERMISSION,
    errno.EPERM: ProblemCode.NO_PERMISSION,
    errno.EBUSY: ProblemCode.PORT_BUSY,
    errno.EAGAIN: ProblemCode.PORT_BUSY,
    errno.EPROTONOSUPPORT: ProblemCode.UNSUPPORTED_MAKE,
    errno.EEXIST: ProblemCode.SERIAL_NUMBER_TWICE,
    errno.ENOTTY: ProblemCode.NOT_A_SERIAL_PORT,
    errno.ETIMEDOUT: ProblemCode.NO_ANSWER,
    errno.EIO: ProblemCode.ANSWERS_WITH_ERRORS,
}


class ReaderTrouble(OSError):
    """The reader can't be used, for a reason that an error number alone does not give.

    `problem` has no path yet: `Problem.at` adds it.
    """

    def __init__(self, problem: Problem, number: int = errno.EIO) -> None:
        super().__init__(number, str(problem))
        self.problem = problem


class Blank(Enum):
    NOTHING = "nothing"  # no card, or one that was leaving
    ODD = "odd"  # an invalid answer: a hostile or broken card, or a fault of the driver
    UNSUPPORTED = "unsupported"  # this reader can't poll for this technology


@dataclass(frozen=True)
class Lost:
    """The reader itself no longer works; `problem` has no path yet."""

    problem: Problem


CardPoll = Sighting | Blank | Lost


def poll_card(device: Any, bitrate: str) -> CardPoll:
    """`bitrate` in nfcpy's words: 212F, 424F or 106A."""
    try:
        target = nfc.clf.RemoteTarget(bitrate)
        if bitrate.endswith("F"):
            return _felica(device.sense_ttf(target))
        return _type_a(device.sense_tta(target))
    except OSError as error:
        return Lost(problem_of(error))
    except nfc.clf.UnsupportedTargetError:
        return Blank.UNSUPPORTED
    except nfc.clf.Error:
        return Blank.NOTHING
    except Exception:  # IndexError, TypeError, binascii.Error … raised by what a card answered
        return Blank.ODD


def switch_field_off(device: Any) -> Blank | Lost:
    """Switch the field off: only then a Type A card that was read answers again."""
    try:
        device.mute()
    except OSError as error:
        return Lost(problem_of(error))
    except Exception:
        return Blank.ODD
    return Blank.NOTHING


def problem_of(error: OSError) -> Problem:
    """Without the reader's path."""
    if isinstance(error, ReaderTrouble):
        return error.problem
    number = error.errno or errno.EIO
    if (code := _CODES.get(number)) is not None:
        return Problem(code)
    return Problem(ProblemCode.FAILS, {"error": errno.errorcode.get(number, "EIO")})


def _felica(target: Any) -> CardPoll:
    if not target:
        return Blank.NOTHING
    answer = bytes(target.sensf_res)
    if len(answer) < 17 or answer[0] != 1:
        return Blank.ODD
    return Sighting("felica", answer[1:9].hex().upper(), answer[10] in IC_CODES)


def _type_a(target: Any) -> CardPoll:
    if not target:
        return Blank.NOTHING
    if target.sdd_res is None:  # a Type 1 tag: four bytes of its number only, so not a number to trust
        return Blank.NOTHING
    uid = bytes(target.sdd_res)
    return Sighting("type_a", uid.hex().upper()) if len(uid) in _UID_SIZES else Blank.ODD
