from typing import Any

import nfc.clf
import pytest

from firmware_bridge.nfc import lite_s, lite_s_mac
from firmware_bridge.nfc.device import open_device
from firmware_bridge.nfc.lite_s import CardSilent, CardTrouble, CardWrong, LiteSCard
from firmware_bridge.nfc.lite_s_blocks import CK, CKV, ID, MC, WCNT
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.lite_s import LOCKED, LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.firmware_bridge.nfc.field import Radio, card_of, held, patiently
from tests.waiting import until

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


@pytest.fixture
def face() -> LiteSFace:
    return LiteSFace.with_key(IDM, KEY)


def test_blocks_are_read_and_written_over_the_virtual_reader(
    face: LiteSFace, reader_address: tuple[str, int]
) -> None:
    device = open_device("udp:{}:{}".format(*reader_address))
    with held(VirtualCard(reader_address, face, away_seconds=0.0)):
        card = until(lambda: lite_s.sense(device))
        patiently(lambda: card.write(2, bytes(range(16))))
        assert patiently(lambda: card.read(2, CKV)) == [bytes(range(16)), b"\x01" + bytes(15)]
        assert card.is_lite_s and card.idm == IDM
    device.close()


def test_key_of_a_new_card_is_written_and_locked_and_changed_by_its_old_key() -> None:
    face = LiteSFace(LiteSMemory(IDM))
    card = card_of(face)
    card.write(CK, lite_s_mac.key_block(KEY))
    card.write(CKV, b"\x01" + bytes(15))
    card.write(MC, LOCKED)
    face.power_up()
    new = bytes(reversed(KEY))
    card.challenge(KEY)
    for block, data in ((CK, lite_s_mac.key_block(new)), (CKV, b"\x02" + bytes(15))):
        card.write_with_mac(block, data, int.from_bytes(card.read(WCNT)[0][:3], "little"))
    card.challenge(new)
    assert card.read_with_mac(ID, CKV) == [IDM + bytes(8), b"\x02" + bytes(15)]


def test_mac_under_another_key_is_believed_by_nobody(face: LiteSFace) -> None:
    card = card_of(face)
    card.challenge(bytes(16))
    with pytest.raises(CardWrong, match="MAC is wrong"):
        card.read_with_mac(ID)
    with pytest.raises(CardWrong, match="02B2"):
        card.write_with_mac(0, bytes(16), 0)


def test_frame_lost_in_the_air_is_asked_again(face: LiteSFace) -> None:
    lost = iter([True, True, False])
    card = card_of(face, lambda command, answer: None if command[1] == 6 and next(lost) else answer)
    assert card.read(ID) == [IDM + bytes(8)]


def test_card_that_has_left_is_silent(face: LiteSFace) -> None:
    card = card_of(face, lambda command, answer: answer if command[1] == 0 else None)
    with pytest.raises(CardSilent):
        card.read(ID)


def test_reader_that_is_lost_is_an_os_error(face: LiteSFace) -> None:
    class Unplugged(Radio):
        def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
            raise OSError(19, "No such device")

    card = lite_s.sense(Unplugged(face))
    assert card is not None
    with pytest.raises(OSError):
        card.read(ID)


@pytest.mark.parametrize("raised", [IndexError(), TypeError(), ValueError(), KeyError(), AssertionError()])
def test_regardless_of_the_driver_raises_at_an_answer_is_card_trouble(
    face: LiteSFace, raised: Exception
) -> None:
    class Odd(Radio):
        def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
            raise raised

    card = lite_s.sense(Odd(face))
    assert card is not None
    with pytest.raises(CardWrong):
        card.read(ID)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x01",
        b"\x0c\x07" + IDM + b"\x00",
        b"\x0d\x07" + IDM + b"\x00\x00\x01",
        b"\x1d\x09" + IDM + b"\x00\x00\x01" + bytes(16),
        b"\x1d\x07" + bytes(8) + b"\x00\x00\x01" + bytes(16),
        b"\x1d\x07" + IDM + b"\x00\x00\x02" + bytes(16),
        b"\x1c\x07" + IDM + b"\x00\x00\x01" + bytes(15),
        b"\x1d\x07" + IDM + b"\x00\x71\x01" + bytes(16),
        b"\x2d\x07" + IDM + b"\x00\x00\x01" + bytes(32),
        b"\xff" * 300,
    ],
)
def test_answer_of_a_wrong_shape_is_wrong(face: LiteSFace, answer: bytes) -> None:
    card = card_of(face, lambda command, honest: honest if command[1] == 0 else answer)
    with pytest.raises(CardWrong):
        card.read(ID)


def test_write_that_the_worn_card_warns_of_is_done(face: LiteSFace) -> None:
    worn = b"\x0c\x09" + IDM + b"\xff\x71"
    card_of(face, lambda command, honest: worn if command[1] == 8 else honest).write(0, bytes(16))


def test_card_without_lite_s_says_so_and_refuses_by_silence() -> None:
    card = card_of(FelicaFace("0101031284C0FFEE"))
    assert not card.is_lite_s
    with pytest.raises(CardTrouble):
        card.challenge(KEY)


def test_field_without_a_felica_card_has_none() -> None:
    assert lite_s.sense(Radio(TypeAFace("04112233"))) is None


def test_polling_answer_that_is_too_short_is_not_a_card() -> None:
    target = nfc.clf.RemoteTarget("212F", sensf_res=bytearray(b"\x01" + IDM))
    with pytest.raises(CardWrong):
        LiteSCard(Radio(TypeAFace("04112233")), target)


def test_challenges_are_never_the_same(face: LiteSFace) -> None:
    radio = Radio(face)
    card = lite_s.sense(radio)
    assert card is not None
    for _ in range(1000):
        card.challenge(KEY)
    assert len(set(radio.heard[1:])) == 1000


@pytest.mark.parametrize("blocks", [(), (0, 1, 2, 3, 4)])
def test_more_blocks_than_a_card_gives_are_not_asked_for(face: LiteSFace, blocks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        card_of(face).read(*blocks)
