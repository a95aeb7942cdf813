"""The rules of the memory, through the commands that meet them."""

import pytest

from firmware_bridge.nfc.lite_s import CardWrong
from firmware_bridge.nfc.lite_s_blocks import (
    CK,
    CKV,
    CRC_CHECK,
    D_ID,
    ID,
    MAC,
    MAC_A,
    MC,
    REG,
    SER_C,
    STATE,
    SYS_C,
    WCNT,
)
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import FACTORY_COUNT, LAST_COUNT, LiteSMemory
from tests.firmware_bridge.nfc.field import card_of

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


def factory() -> LiteSFace:
    return LiteSFace(LiteSMemory(IDM))


@pytest.mark.parametrize("block", [D_ID, SYS_C, WCNT, MAC, MAC_A, CRC_CHECK])
def test_what_is_the_cards_own_cannot_be_written(block: int) -> None:
    with pytest.raises(CardWrong) as refused:
        card_of(factory()).write(block, bytes(16))
    assert refused.value.status == 0x01A8


@pytest.mark.parametrize("block", [ID, SER_C, CKV, CK, STATE])
def test_locked_card_takes_none_of_its_system_blocks_without_mac(block: int) -> None:
    with pytest.raises(CardWrong) as refused:
        card_of(LiteSFace.with_key(IDM, KEY)).write(block, bytes(16))
    assert refused.value.status == 0x01A8


def test_write_with_mac_holds_once_and_counts() -> None:
    face = LiteSFace.with_key(IDM, KEY)
    card = card_of(face)
    card.challenge(KEY)
    card.write_with_mac(3, bytes(range(16)), 0)
    with pytest.raises(CardWrong) as refused:
        card.write_with_mac(3, bytes(range(16)), 0)
    assert refused.value.status == 0x02B2
    card.write_with_mac(3, bytes(16), 1)
    assert face.memory.count == 2


def test_worn_out_card_takes_no_write_with_mac() -> None:
    face = LiteSFace(LiteSMemory(IDM, LiteSFace.with_key(IDM, KEY).memory.blocks, count=LAST_COUNT))
    face.memory.count = LAST_COUNT
    card = card_of(face)
    card.challenge(KEY)
    with pytest.raises(CardWrong) as refused:
        card.write_with_mac(3, bytes(16), LAST_COUNT)
    assert refused.value.status == 0x02B2


def test_identity_in_the_id_block_cannot_be_written() -> None:
    face = factory()
    card_of(face).write(ID, bytes(range(16)))
    assert face.memory.blocks[ID] == IDM + bytes(range(8, 16))


def test_counters_of_the_subtraction_register_only_go_down() -> None:
    face = factory()
    card = card_of(face)
    low, high = (
        bytes.fromhex("05000000 07000000 1111111111111111"),
        bytes.fromhex("06000000 01000000 2222222222222222"),
    )
    card.write(REG, low)
    card.write(REG, high)
    assert face.memory.blocks[REG] == bytes.fromhex("05000000 01000000 1111111111111111")


def test_new_configuration_holds_from_the_next_field_and_is_never_withdrawn() -> None:
    face = factory()
    card = card_of(face)
    assert face.memory.count == FACTORY_COUNT
    card.write(MC, bytes.fromhex("FF7F0000070100000000000001000000"))
    card.write(CKV, b"\x07" + bytes(15))
    face.power_up()
    assert face.memory.count == 0
    with pytest.raises(CardWrong):
        card.write(CKV, b"\x08" + bytes(15))
    with pytest.raises(CardWrong):
        card.write(MC, b"\xff" * 16)
    assert face.memory.blocks[CKV] == b"\x07" + bytes(15)


def test_blocks_of_another_kind_of_card_are_refused() -> None:
    with pytest.raises(ValueError, match="not the blocks"):
        LiteSMemory(IDM, {CK: bytes(15)})
