"""The work loop and the proof of a card's key: when it is asked for, what comes back, how long it takes."""

from collections.abc import Callable, Iterator

import nfc.clf
import pytest

from firmware_bridge import messages
from firmware_bridge.message_stream import SILENT_SECONDS
from firmware_bridge.messages import (
    BridgeHeartbeat,
    CardFound,
    CardRead,
    CardRejected,
    DeviceOffline,
    ProveKey,
)
from firmware_bridge.nfc.presentation import ANSWER_MS, GONE_MS
from firmware_bridge.simulator.faces import Face, FelicaFace, TypeAFace
from firmware_bridge.simulator.half_issued import HalfIssued, half_issued
from firmware_bridge.simulator.hostile_lite_s import LeavingCard
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.firmware_bridge.nfc.field import Radio
from tests.firmware_bridge.nfc.test_polling import Door

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
NUMBER = IDM.hex().upper()
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
WANTED = ProveKey(1, KEY.hex(), 1)

Change = Callable[[bytes, bytes | None], bytes | None]


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()


def proved(door: Door, radio: Radio, wanted: ProveKey = WANTED, steps: int = 3) -> list[messages.FromBridge]:
    """Polled, found, asked for a proof; what the bridge says then."""
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1")
    assert CardFound(1, "felica", NUMBER) in door.steps(polling, 2)
    door.send(wanted)
    return door.steps(polling, steps)


def test_card_with_the_key_is_presented_as_proved(door: Door) -> None:
    assert proved(door, Radio(LiteSFace.with_key(IDM, KEY))) == [CardRead(1, "felica", NUMBER, 2)]


@pytest.mark.parametrize("wanted", [ProveKey(1, "00" * 16, 1), ProveKey(1, KEY[::-1].hex(), 1)])
def test_card_with_another_key_is_refused(door: Door, wanted: ProveKey) -> None:
    sent = proved(door, Radio(LiteSFace.with_key(IDM, KEY)), wanted)
    assert sent == [CardRejected(1, "authentication_failed", NUMBER)]


@pytest.mark.parametrize("step", [HalfIssued.KEYED, HalfIssued.LOCKED])
def test_card_with_the_key_that_is_not_issued_to_the_end_is_not_a_copy_and_refused(
    door: Door, step: HalfIssued
) -> None:
    assert proved(door, Radio(half_issued(IDM, step, KEY))) == [CardRejected(1, "card_half_issued", NUMBER)]


def test_card_with_the_key_and_another_version_of_it_is_half_issued(door: Door) -> None:
    sent = proved(door, Radio(LiteSFace.with_key(IDM, KEY, 1)), ProveKey(1, KEY.hex(), 2))
    assert sent == [CardRejected(1, "card_half_issued", NUMBER)]


def test_card_that_shows_the_number_stays_and_answers_nothing_else_is_silent(door: Door) -> None:
    assert proved(door, Radio(FelicaFace(NUMBER))) == [CardRejected(1, "card_silent", NUMBER)]


def test_copy_that_shows_its_number_once_more_after_a_silence_and_is_gone_then_is_silent_all_the_same(
    door: Door,
) -> None:
    """A tap of a third of a second is as long as most."""
    polled = [0]

    def shows_it_thrice(command: bytes, answer: bytes | None) -> bytes | None:
        polled[0] += command[1] == 0
        return answer if polled[0] <= 3 else None

    radio = Radio(FelicaFace(NUMBER), shows_it_thrice)
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1")
    assert CardFound(1, "felica", NUMBER) in door.steps(polling, 2)
    polled[0] = 0  # then comes another poll, with two attempts
    door.send(WANTED)
    assert CardRejected(1, "card_silent", NUMBER) in door.steps(polling, 1)


@pytest.mark.parametrize("commands", range(4))
def test_card_that_is_removed_at_any_step_of_the_proof_has_left(door: Door, commands: int) -> None:
    face = LeavingCard(LiteSFace.with_key(IDM, KEY), commands)
    assert proved(door, Radio(face)) == [CardRejected(1, "card_left", NUMBER)]


def polled(door: Door, radio: Radio, proofs: bool = True) -> list[messages.FromBridge]:
    """Polled, found, its number is enough; what the bridge says then."""
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1", proofs=proofs)
    assert CardFound(1, "felica", NUMBER) in door.steps(polling, 2)
    door.send(messages.NumberOnly(1))
    return door.steps(polling, 3)


def exchanges_beside_polling(radio: Radio) -> int:
    return len([command for command in radio.heard if command[1] != 0])


@pytest.mark.parametrize("step", list(HalfIssued))
def test_half_issued_card_is_not_presented_by_its_number_after_any_step(door: Door, step: HalfIssued) -> None:
    radio = Radio(half_issued(IDM, step, KEY))
    assert polled(door, radio) == [CardRejected(1, "card_half_issued", NUMBER)]
    assert exchanges_beside_polling(radio) == 1


@pytest.mark.parametrize(
    "face", [LiteSFace(LiteSMemory(IDM)), LiteSFace.with_key(IDM, KEY, 7)], ids=["as sold", "whole"]
)
def test_card_as_it_was_sold_or_whole_is_presented_by_its_number_for_one_frame_more(
    door: Door, face: LiteSFace
) -> None:
    radio = Radio(face)
    assert polled(door, radio) == [CardRead(1, "felica", NUMBER, 0)]
    assert exchanges_beside_polling(radio) == 1


def test_card_that_is_not_a_lite_s_is_asked_nothing(door: Door) -> None:
    radio = Radio(FelicaFace(NUMBER))
    assert polled(door, radio) == [CardRead(1, "felica", NUMBER, 0)]
    assert exchanges_beside_polling(radio) == 0


def test_on_the_way_out_no_card_is_checked(door: Door) -> None:
    radio = Radio(half_issued(IDM, HalfIssued.BEGUN, KEY))
    assert polled(door, radio, proofs=False) == [CardRead(1, "felica", NUMBER, 0)]
    assert exchanges_beside_polling(radio) == 0


def test_lite_s_that_leaves_before_it_is_checked_is_unreadable_and_not_admitted(door: Door) -> None:
    radio = Radio(
        half_issued(IDM, HalfIssued.BEGUN, KEY), lambda command, answer: None if command[1] else answer
    )
    assert polled(door, radio) == [CardRejected(1, "card_unreadable", NUMBER)]


def test_card_that_calls_itself_a_lite_s_and_has_no_such_blocks_counts_by_its_number(door: Door) -> None:
    def no_such_block(command: bytes, answer: bytes | None) -> bytes | None:
        return answer if command[1] == 0 else bytes([12, command[1] + 1]) + IDM + b"\x01\xa8"

    radio = Radio(LiteSFace(LiteSMemory(IDM)), no_such_block)
    assert polled(door, radio) == [CardRead(1, "felica", NUMBER, 0)]


def test_reader_lost_while_a_card_is_checked_refuses_it_and_says_so(door: Door) -> None:
    class Unplugged(Radio):
        def send_cmd_recv_rsp(self, target: object, data: object, timeout: float) -> object:
            raise OSError(19, "No such device")

    polling = door.polling(lambda: Unplugged(LiteSFace(LiteSMemory(IDM))), "udp:127.0.0.1:1", proofs=True)
    door.steps(polling, 2)
    door.send(messages.NumberOnly(1))
    offline, refused = door.steps(polling, 1)
    assert isinstance(offline, DeviceOffline) and refused == CardRejected(1, "card_unreadable", NUMBER)


def test_card_that_answers_what_a_lite_s_refuses_with_is_refused(door: Door) -> None:
    """A FeliCa card that knows the commands but has no such blocks: an emulated IDm on another chip."""

    def no_such_block(command: bytes, answer: bytes | None) -> bytes | None:
        return answer if command[1] == 0 else bytes([12, command[1] + 1]) + IDM + b"\x01\xa8"

    sent = proved(door, Radio(FelicaFace(NUMBER), no_such_block))
    assert sent == [CardRejected(1, "authentication_failed", NUMBER)]


def test_card_that_had_no_power_for_a_moment_has_a_second_attempt(door: Door) -> None:
    face = LiteSFace.with_key(IDM, KEY)
    failures = iter([True])

    def flicker(command: bytes, answer: bytes | None) -> bytes | None:
        if command[1] == 8 and next(failures, False):
            face.power_up()  # after the challenge was accepted
        return answer

    assert proved(door, Radio(face, flicker)) == [CardRead(1, "felica", NUMBER, 2)]


def test_proof_nobody_awaits_any_more_is_not_asked_of_the_card(door: Door) -> None:
    gone = Radio(LiteSFace.with_key(IDM, KEY))
    polling = door.polling(lambda: gone, "udp:127.0.0.1:1")
    door.steps(polling, 2)
    gone.face = TypeAFace("04112233")
    door.steps(polling, ANSWER_MS // 50 + 2)
    commands = [c for c in gone.heard if c[1] != 0]
    door.send(WANTED)
    assert door.steps(polling, 3) == []
    assert [c for c in gone.heard if c[1] != 0] == commands == []


def test_proof_requested_twice_is_sent_once(door: Door) -> None:
    radio = Radio(LiteSFace.with_key(IDM, KEY))
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1")
    door.steps(polling, 2)
    door.send(WANTED)
    door.send(WANTED)
    door.send(messages.NumberOnly(1))
    assert door.steps(polling, 3) == [CardRead(1, "felica", NUMBER, 2)]


def test_type_a_card_has_no_such_key(door: Door) -> None:
    class TypeA(Radio):
        def sense_tta(self, target: nfc.clf.RemoteTarget) -> nfc.clf.RemoteTarget:
            return nfc.clf.RemoteTarget(
                "106A",
                sens_res=bytearray(b"\x44\0"),
                sel_res=bytearray(1),
                sdd_res=bytearray(b"\x04\x11\x22\x33"),
            )

    polling = door.polling(lambda: TypeA(TypeAFace("04112233")), "udp:127.0.0.1:1")
    assert CardFound(1, "type_a", "04112233") in door.steps(polling, 2)
    door.send(WANTED)
    assert door.steps(polling, 2) == [CardRejected(1, "authentication_failed", "04112233")]


def test_reader_lost_during_the_proof_refuses_the_card_and_says_so(door: Door) -> None:
    class Unplugged(Radio):
        def send_cmd_recv_rsp(self, target: object, data: object, timeout: float) -> object:
            raise OSError(19, "No such device")

    sent = proved(door, Unplugged(LiteSFace.with_key(IDM, KEY)), steps=1)
    assert [type(one) for one in sent] == [DeviceOffline, CardRejected]
    assert isinstance(sent[1], CardRejected) and sent[1].reason == "card_unreadable"


@pytest.mark.parametrize("key", ["", "zz" * 16, "00" * 15])
def test_key_that_is_none_never_passes_a_card(door: Door, key: str) -> None:
    sent = proved(door, Radio(LiteSFace.with_key(IDM, KEY)), ProveKey(1, key, 1))
    assert sent == [CardRejected(1, "card_unreadable", NUMBER)]


def test_challenge_is_fresh_at_every_presentation(door: Door) -> None:
    radio = Radio(LiteSFace.with_key(IDM, KEY))
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1")
    for presentation in range(1, 6):
        radio.face = LiteSFace.with_key(IDM, KEY)
        door.steps(polling, 2)
        door.send(ProveKey(presentation, KEY.hex(), 1))
        assert CardRead(presentation, "felica", NUMBER, 2) in door.steps(polling, 2)
        radio.face = TypeAFace("04112233")
        door.steps(polling, GONE_MS // 50 + 2)
    challenges = [c for c in radio.heard if c[1] == 8 and c[15] == 0x80]
    assert len(set(challenges)) == len(challenges) == 5


def slow(face: Face, door: Door, ms: int) -> Radio:
    """Each command takes so long, and is not answered: the worst a card can do."""

    class Slow(Radio):
        def send_cmd_recv_rsp(self, target: object, data: object, timeout: float) -> object:
            door.ms += ms
            raise nfc.clf.TimeoutError("no data received")

    return Slow(face)


def test_silent_card_does_not_starve_the_heartbeat(door: Door) -> None:
    polling = door.polling(lambda: slow(LiteSFace.with_key(IDM, KEY), door, 250), "udp:127.0.0.1:1")
    door.steps(polling, 2)
    before, door_ms = door.alive, door.ms
    door.send(WANTED)
    polling.step()
    assert CardRejected(1, "card_silent", NUMBER) in door.events()
    assert door.ms - door_ms < 1000 * SILENT_SECONDS
    for _ in range(3):
        door.step(polling, 500)
    assert door.alive > before
    assert all(isinstance(one, BridgeHeartbeat) for one in door.heard())
