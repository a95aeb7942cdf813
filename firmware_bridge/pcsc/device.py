"""A PC/SC reader with the interface of an nfcpy device, so that one work loop serves both.

pcscd counts insertions, which shows whether another card was put on; we read a card's number once for each
stay. No call here waits for a card, but pcscd may hang: then the heartbeat stops, and the door kills the
process.
"""

import errno
import os
import re
from dataclasses import dataclass
from typing import Any

import nfc.clf
from smartcard import scard

from firmware_bridge.nfc.card_poll import ReaderTrouble
from firmware_bridge.pcsc.card_number import number_of
from firmware_bridge.problems import Problem, ProblemCode

_FRAME = 256
GET_UID = [0xFF, 0xCA, 0x00, 0x00, 0x00]
# pcscd appends the reader's number, in the order of discovery, and its slot, which is permanent.
_LISTED = re.compile(r"(.*?)(?: [0-9A-F]{2} ([0-9A-F]{2}))?")
_GONE = (scard.SCARD_STATE_UNKNOWN, scard.SCARD_STATE_UNAVAILABLE)
_CODES = {
    scard.SCARD_E_NO_SERVICE: ProblemCode.PCSCD_NOT_RUNNING,
    scard.SCARD_E_SERVICE_STOPPED: ProblemCode.PCSCD_NOT_RUNNING,
    scard.SCARD_W_SECURITY_VIOLATION: ProblemCode.PCSCD_REFUSES,
    scard.SCARD_E_SHARING_VIOLATION: ProblemCode.PCSC_BUSY,
}
_NOT_THERE = (
    scard.SCARD_E_UNKNOWN_READER,
    scard.SCARD_E_READER_UNAVAILABLE,
    scard.SCARD_E_NO_READERS_AVAILABLE,
)
_CARD_LEFT = (
    scard.SCARD_W_REMOVED_CARD,
    scard.SCARD_W_RESET_CARD,
    scard.SCARD_W_UNPOWERED_CARD,
    scard.SCARD_W_UNRESPONSIVE_CARD,
    scard.SCARD_E_NO_SMARTCARD,
    scard.SCARD_E_NOT_TRANSACTED,
    scard.SCARD_E_PROTO_MISMATCH,
)


@dataclass(frozen=True)
class _Target:
    sensf_res: bytes | None = None
    sdd_res: bytes | None = None
    sel_res: bytes = b"\x20"  # the value does not matter: pcscd has activated the card itself


class PcscDevice:
    """`name` as pcscd lists it, with or without the two numbers at its end. Raises OSError."""

    def __init__(self, name: str) -> None:
        self._context = _checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM))
        try:
            self._reader = _find(name, _checked(scard.SCardListReaders(self._context, [])))
        except BaseException:
            self.close()
            raise
        self._stay: tuple[int, bytes] | None = None
        self._card: tuple[str, bytes] | None = None

    def __str__(self) -> str:
        return f"{self._reader} at pcscd"

    def mute(self) -> None:
        """Called once in each round: read the reader's state from pcscd."""
        ((_, event, atr),) = _checked(
            scard.SCardGetStatusChange(self._context, 0, [(self._reader, scard.SCARD_STATE_UNAWARE)])
        )
        if any(event & state for state in _GONE):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if not event & scard.SCARD_STATE_PRESENT or event & scard.SCARD_STATE_MUTE:
            self._stay = self._card = None
            return
        stay = event >> 16, bytes(atr)
        if stay != self._stay:
            answer = self._read_uid()
            self._stay = stay if answer is not None else None  # a card that was leaving is read again
            self._card = None if answer is None else number_of(bytes(atr), answer)

    def sense_ttf(self, target: Any) -> _Target | None:
        if self._card is None or self._card[0] != "felica":
            return None
        return _Target(sensf_res=b"\x01" + self._card[1] + bytes(8))

    def sense_tta(self, target: Any) -> _Target | None:
        return (
            _Target(sdd_res=self._card[1]) if self._card is not None and self._card[0] == "type_a" else None
        )

    def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
        """Card commands are not supported over PC/SC, so no card has to prove a key here."""
        raise nfc.clf.UnsupportedTargetError("not over PC/SC")

    def get_max_send_data_size(self, target: Any) -> int:
        return _FRAME

    def get_max_recv_data_size(self, target: Any) -> int:
        return _FRAME

    def close(self) -> None:
        scard.SCardReleaseContext(self._context)

    def _read_uid(self) -> bytes | None:
        """The card's answer to GET DATA (PC/SC part 3, 3.2.2.1.3); None if it left meanwhile."""
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, card, protocol = scard.SCardConnect(
            self._context, self._reader, scard.SCARD_SHARE_SHARED, protocols
        )
        if result in _CARD_LEFT:
            return None
        _check(result)
        try:
            pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
            result, answer = scard.SCardTransmit(card, pci, GET_UID)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        if result in _CARD_LEFT:
            return None
        _check(result)
        return bytes(answer)


def _find(name: str, listed: list[str]) -> str:
    wanted, slot = _parts(name)
    found = [
        reader
        for reader, (its_name, its_slot) in ((listed_as, _parts(listed_as)) for listed_as in listed)
        if its_name == wanted and slot in (None, its_slot)
    ]
    if not found:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    if len(found) > 1:
        raise ReaderTrouble(Problem(ProblemCode.PCSC_NAME_TWICE))
    return found[0]


def _parts(name: str) -> tuple[str, str | None]:
    listed = _LISTED.fullmatch(name)
    return (name, None) if listed is None else (listed[1], listed[2])


def _checked(answer: tuple[int, Any]) -> Any:
    result, value = answer
    _check(result)
    return value


def _check(result: int) -> None:
    if result == scard.SCARD_S_SUCCESS:
        return
    if result in _NOT_THERE:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    if (code := _CODES.get(result)) is not None:
        raise ReaderTrouble(Problem(code))
    raise ReaderTrouble(Problem(ProblemCode.PCSC_FAILS, {"pcsc_code": f"{result & 0xFFFFFFFF:08X}"}))
