"""One look for cards of one technology. Whatever nfcpy gives back or raises is a state, never an escape."""

import errno
from dataclasses import dataclass
from enum import Enum
from typing import Any

import nfc.clf

from firmware_bridge.nfc.lite_s_blocks import IC_CODES
from firmware_bridge.nfc.presentation import Sighting

_UID_SIZES = (4, 7, 10)
_PROBLEMS = {
    errno.ENODEV: "is not there; plug it in",
    errno.ENOENT: "is not there; plug it in",
    errno.ENXIO: "is not there; plug it in",
    errno.EACCES: "may not be opened by this service; give its account the right to the device",
    errno.EPERM: "may not be opened by this service; give its account the right to the device",
    errno.EBUSY: "is in use by another program or another reader's bridge; stop it, or correct the path",
    errno.EAGAIN: "is in use by another program or another reader's bridge; stop it, or correct the path",
    errno.EPROTONOSUPPORT: (
        "is of a make that is not known here; take one that genkan.example.toml names, or correct its path"
    ),
    errno.EEXIST: "has the serial number of another one; write usb:port: and the port it is plugged into",
    errno.ENOTTY: "is no serial port; correct its path in genkan.toml",
    errno.ETIMEDOUT: "does not answer; unplug it and plug it in again",
    errno.EIO: "answers with errors; check its cable, then unplug it and plug it in again",
}


class ReaderTrouble(OSError):
    """Why the reader cannot be used, in words of its own; `problem` as in `Lost`."""

    def __init__(self, problem: str, number: int = errno.EIO) -> None:
        super().__init__(number, problem)
        self.problem = problem


class Blank(Enum):
    NOTHING = "nothing"  # no card, or one that was leaving
    ODD = "odd"  # an answer that makes no sense: a hostile or broken card, or a driver's fault
    UNSUPPORTED = "unsupported"  # this reader cannot look for this technology


@dataclass(frozen=True)
class Lost:
    """The reader itself no longer works; `problem` continues a sentence that begins with the reader."""

    problem: str


Look = Sighting | Blank | Lost


def look(device: Any, bitrate: str) -> Look:
    """`bitrate` in nfcpy's words: 212F, 424F or 106A."""
    try:
        target = nfc.clf.RemoteTarget(bitrate)
        if bitrate.endswith("F"):
            return _felica(device.sense_ttf(target))
        return _type_a(device.sense_tta(target))
    except OSError as error:
        return Lost(describe(error))
    except nfc.clf.UnsupportedTargetError:
        return Blank.UNSUPPORTED
    except nfc.clf.Error:
        return Blank.NOTHING
    except Exception:  # IndexError, TypeError, binascii.Error … raised by what a card answered
        return Blank.ODD


def quiet(device: Any) -> Blank | Lost:
    """Switch the field off: a Type A card that has been read answers again only after that."""
    try:
        device.mute()
    except OSError as error:
        return Lost(describe(error))
    except Exception:
        return Blank.ODD
    return Blank.NOTHING


def describe(error: OSError) -> str:
    if isinstance(error, ReaderTrouble):
        return error.problem
    number = error.errno or errno.EIO
    return _PROBLEMS.get(number, f"fails ({error.strerror}); check its path in genkan.toml")


def _felica(target: Any) -> Look:
    if not target:
        return Blank.NOTHING
    answer = bytes(target.sensf_res)
    if len(answer) < 17 or answer[0] != 1:
        return Blank.ODD
    return Sighting("felica", answer[1:9].hex().upper(), answer[10] in IC_CODES)


def _type_a(target: Any) -> Look:
    if not target:
        return Blank.NOTHING
    if target.sdd_res is None:  # a Type 1 tag: four bytes of its number only, so not a number to trust
        return Blank.NOTHING
    uid = bytes(target.sdd_res)
    return Sighting("type_a", uid.hex().upper()) if len(uid) in _UID_SIZES else Blank.ODD
