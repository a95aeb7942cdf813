"""Reads the NDEF message of a Type 4 card in the field of an nfcpy device, once, by nfcpy's own ISO-DEP.

Every wait is capped and so is the total: no card can hold the work loop by requests for more time, by endless
answers, or by a message of 64 KiB. Every answer of the card becomes a value or a CardTrouble; only OSError
passes, for then the reader itself is lost.
"""

import time
from collections.abc import Callable
from typing import Any

import nfc.clf
from nfc.tag import TagCommandError
from nfc.tag.tt4 import Type4ATag

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong

READING_SECONDS = 0.6
_ANSWER_SECONDS = 0.25
_SENSES = 3  # another card in the field may answer instead, and answers by chance
_ISO_DEP = 0x20  # in the answer to select: the card continues by ISO/IEC 14443-4


def read_message(device: Any, uid: bytes, monotonic: Callable[[], float] = time.monotonic) -> bytes:
    """Return the bytes of the message of the card polled as `uid`.

    Raises CardSilent if it is no longer there, CardWrong if it has none, and CardUnasked if this reader
    passes no commands to it.
    """
    target = sense_type_a(device, uid)
    if target is None:
        raise CardSilent("another card is there, or none")
    if not target.sel_res or not target.sel_res[0] & _ISO_DEP:
        raise CardWrong("it is not a Type 4 card")
    field = _Field(device, target, monotonic)
    try:
        message = Type4ATag(field, target).ndef
    except OSError:
        raise
    except nfc.clf.UnsupportedTargetError as error:
        raise CardUnasked("the reader passes nothing on to it") from error
    except (nfc.clf.CommunicationError, TagCommandError) as error:
        raise CardSilent("it fell silent") from error
    except Exception as error:  # IndexError, struct.error … raised by what a card answered
        raise CardWrong("it answers nonsense") from error
    if message is not None:
        return bytes(message.octets)
    if field.was_lost:
        raise CardSilent("it fell silent")
    raise CardWrong("it holds no message")


def sense_type_a(device: Any, uid: bytes) -> Any:
    """nfcpy's target of the card polled as `uid`; None if it is not there."""
    for _ in range(_SENSES):
        target = _sense(device)
        if target is not None and bytes(target.sdd_res or b"") == uid:
            return target
    return None


def _sense(device: Any) -> Any:
    try:
        device.mute()  # a card that has been read answers again only after that
        return device.sense_tta(nfc.clf.RemoteTarget("106A"))
    except OSError:
        raise
    except Exception:
        return None


class _Field:
    """What nfcpy's tag needs of its ContactlessFrontend."""

    def __init__(self, device: Any, target: Any, monotonic: Callable[[], float]) -> None:
        self._device, self._target, self._monotonic = device, target, monotonic
        self.max_send_data_size = device.get_max_send_data_size(target)
        self.max_recv_data_size = device.get_max_recv_data_size(target)
        self._until = monotonic() + READING_SECONDS
        self.was_lost = False  # an answer is missing, so a missing message proves nothing

    def exchange(self, data: Any, timeout: float) -> Any:
        left = self._until - self._monotonic()
        self.was_lost = True
        if left <= 0:
            raise nfc.clf.ProtocolError("it took too long")  # which nfcpy does not try again
        answer = self._device.send_cmd_recv_rsp(self._target, data, min(timeout, _ANSWER_SECONDS, left))
        self.was_lost = False
        return answer
