"""Cards held to a reader: over nfcpy's UDP device, or without the socket where numbers are great."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import nfc.clf
from nfc.clf.udp import Device

from firmware_bridge.nfc.lite_s import CardSilent, LiteSCard, sense
from firmware_bridge.nfc.prove import ProofResult, request_proof
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import Face
from tests.waiting import LONG, until

T = TypeVar("T")


@contextmanager
def held(card: VirtualCard) -> Iterator[None]:
    """By another thread; away again after the block."""
    there = threading.Event()
    card.face.power_up = _also(there.set, card.face.power_up)  # type: ignore[method-assign]
    thread = threading.Thread(target=card.present, args=(600.0, LONG), daemon=True)
    thread.start()
    assert there.wait(LONG)
    try:
        yield
    finally:
        card.leave()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last_look:
            last_look.sendto(b"RFOFF", card.reader)  # it leaves at the next poll
        thread.join()


def patiently(act: Callable[[], T]) -> T:
    """Again where the card, which is a thread, was late on a busy machine and counts as gone."""

    def done() -> tuple[T] | None:
        try:
            return (act(),)
        except CardSilent:
            return None

    return until(done)[0]


def heard_proof(device: Any, bitrate: str, idm: bytes, key: bytes, version: int) -> ProofResult:
    """What the card that is held there says, however late it is on a busy machine."""

    def heard() -> ProofResult | None:
        proof = request_proof(device, bitrate, idm, key, version)
        return None if proof is ProofResult.SILENT else proof

    return until(heard)


def _also(first: Callable[[], object], then: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        then()

    return both


class Radio:
    """A device whose field holds one face, with nothing between: what a card answers comes back as it is."""

    def __init__(
        self, face: Face, change: Callable[[bytes, bytes | None], bytes | None] | None = None
    ) -> None:
        """`change` gets each command and the answer to it, and gives the answer that arrives."""
        self.face, self._change = face, change
        self.heard: list[bytes] = []

    def sense_ttf(self, target: Any) -> Any:
        answer = self._exchange(target.brty, b"\x06\x00\xff\xff\x01\x00")
        if answer is None or len(answer) < 18:
            return None
        return nfc.clf.RemoteTarget(target.brty, sensf_res=bytearray(answer[1:]))

    def sense_tta(self, target: Any) -> Any:
        return None

    def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
        answer = self._exchange(target.brty, bytes(data))
        if answer is None:
            raise nfc.clf.TimeoutError("no data received")
        return bytearray(answer)

    def mute(self) -> None:
        self.face.power_up()

    def close(self) -> None:
        pass

    def get_max_send_data_size(self, target: Any) -> int:
        return 256

    def get_max_recv_data_size(self, target: Any) -> int:
        return 256

    def __str__(self) -> str:
        return "radio"

    def _exchange(self, bitrate: str, command: bytes) -> bytes | None:
        self.heard.append(command)
        frame = self.face.answer(bitrate, command)
        answer = None if frame is None else frame[1]
        return answer if self._change is None else self._change(command, answer)


class TypeARadio(Radio):
    """For a face of Type A, found as nfcpy's UDP device finds one."""

    def sense_tta(self, target: Any) -> Any:
        sens_res = self._exchange(target.brty, b"\x26")
        if sens_res is None:
            return None
        uid, select = b"", b""
        for level in (0x93, 0x95, 0x97):
            sdd = self._exchange(target.brty, bytes([level, 0x20])) or b""
            select = self._exchange(target.brty, bytes([level, 0x70]) + sdd) or b""
            uid += sdd[1:4] if select == b"\x04" else sdd[:4]
            if select != b"\x04":
                break
        return nfc.clf.RemoteTarget(target.brty, sens_res=sens_res, sel_res=select, sdd_res=uid)


def card_of(face: Face, change: Callable[[bytes, bytes | None], bytes | None] | None = None) -> LiteSCard:
    card = sense(Radio(face, change))
    assert card is not None
    return card


class PatientFrontend(nfc.ContactlessFrontend):  # type: ignore[misc]
    """nfcpy's own, over its own UDP device. A card answers within 1.5 ms; a thread may need more."""

    def exchange(self, send_data: Any, timeout: float) -> Any:
        return super().exchange(send_data, 2.0)


@contextmanager
def frontend(address: tuple[str, int]) -> Iterator[PatientFrontend]:
    with PatientFrontend("udp:{}:{}".format(*address)) as clf:
        assert type(clf.device) is Device
        yield clf


def tag_of(clf: PatientFrontend) -> Any:
    target = until(lambda: clf.sense(nfc.clf.RemoteTarget("212F")))
    return nfc.tag.activate(clf, target)
