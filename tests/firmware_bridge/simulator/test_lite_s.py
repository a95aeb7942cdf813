"""The virtual Lite-S card, as nfcpy's own FelicaLiteS finds it over nfcpy's own UDP device."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nfc.tag.tt3 import Type3TagCommandError
from nfc.tag.tt3_sony import FelicaLiteS

from firmware_bridge.nfc.lite_s import CardWrong
from firmware_bridge.nfc.lite_s_blocks import (
    CK,
    CKV,
    CRC_CHECK,
    D_ID,
    ID,
    MAC,
    MAC_A,
    RC,
    REG,
    SER_C,
    STATE,
    SYS_C,
    WCNT,
)
from firmware_bridge.nfc.prove import prove
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.firmware_bridge.nfc.field import card_of, frontend, held, tag_of

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
PASSWORD = "sesame, open the door"


class Field:
    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    def __call__(self, face: LiteSFace, act: Callable[[Any], object]) -> Any:
        """Hold the card there, let nfcpy act on it, and take it away."""
        with held(VirtualCard(self.address, face, away_seconds=0.0)), frontend(self.address) as clf:
            tag = tag_of(clf)
            assert type(tag) is FelicaLiteS
            return act(tag)


@pytest.fixture
def field(reader_address: tuple[str, int]) -> Iterator[Field]:
    yield Field(reader_address)


def factory() -> LiteSFace:
    return LiteSFace(LiteSMemory(IDM))


def status(act: Callable[[], object]) -> int:
    with pytest.raises(Type3TagCommandError) as refused:
        act()
    return int(refused.value.errno)


def test_nfcpy_proves_the_key_of_a_locked_card_and_no_other(field: Field) -> None:
    face = LiteSFace.with_key(IDM, KEY)
    assert field(face, lambda tag: tag.authenticate(KEY)) is True
    assert field(face, lambda tag: tag.authenticate(bytes(reversed(KEY)))) is False


def test_nfcpy_proves_the_factory_key_of_a_new_card(field: Field) -> None:
    assert field(factory(), lambda tag: tag.authenticate("")) is True


def test_card_that_nfcpy_protected_proves_its_key_to_us_and_its_blocks_are_locked(field: Field) -> None:
    face = factory()
    assert field(face, lambda tag: tag.protect(PASSWORD, read_protect=True, protect_from=4)) is True
    face.power_up()
    prove(card_of(face), PASSWORD[:16].encode(), 1)

    def check(tag: Any) -> None:
        assert status(lambda: tag.read_without_mac(5)) == 0x01B1
        assert status(lambda: tag.write_without_mac(bytes(16), 5)) == 0x01A8
        assert status(lambda: tag.write_without_mac(bytes(16), CK)) == 0x01A8
        assert tag.read_without_mac(3) == bytes(16)
        assert tag.authenticate(PASSWORD[:16].encode()) is True
        assert tag.read_with_mac(5) == bytes(16)
        tag.write_with_mac(bytes(range(16)), 5)
        assert tag.read_with_mac(5) == bytes(range(16))

    field(face, check)


def test_nfcpy_changes_the_key_of_a_locked_card_only_after_proving_the_old_one(field: Field) -> None:
    face = LiteSFace.with_key(IDM, KEY)
    before = dict(face.memory.blocks)
    assert field(face, lambda tag: tag.protect(PASSWORD)) is False
    assert face.memory.blocks == before


def test_card_that_nfcpy_formatted_holds_a_message_and_shows_it(field: Field) -> None:
    face = factory()
    assert field(face, lambda tag: tag.format()) is True
    face.power_up()
    assert face.memory.is_ndef

    def write(tag: Any) -> int:
        tag.ndef.octets = b"\xd1\x01\x04T\x02enX"
        return int(tag.ndef.length)

    assert field(face, write) == 8


def test_every_block_can_be_read_but_the_key_and_the_challenge(field: Field) -> None:
    face = LiteSFace.with_key(IDM, KEY)

    def check(tag: Any) -> None:
        assert tag.read_without_mac(ID) == IDM + bytes(8)
        assert tag.read_without_mac(D_ID)[:8] == IDM
        assert tag.read_without_mac(SYS_C)[:2] == b"\x88\xb4"
        assert tag.read_without_mac(CKV) == b"\x01" + bytes(15)
        assert tag.read_without_mac(CK) == bytes(16)
        tag.write_without_mac(bytes(range(16)), RC)
        assert tag.read_without_mac(RC) == bytes(16)
        assert tag.read_without_mac(REG) == b"\xff" * 16
        assert tag.read_without_mac(STATE, WCNT, SER_C, CRC_CHECK) == bytes(64)
        assert "MEMORY_CONFIG" in "".join(tag.dump())

    field(face, check)


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((0x0F,), 0x01A8),
        ((0, 0x89), 0x02A8),
        ((ID, MAC, MAC_A), 0x04B0),
        ((0,) * 5, 0xFFA2),
        ((ID, MAC_A), 0x02B2),
    ],
)
def test_reading_what_is_not_there_to_read_is_refused_with_its_status(
    blocks: tuple[int, ...], expected: int
) -> None:
    with pytest.raises(CardWrong) as refused:
        card = card_of(factory())
        card._command(
            6, b"\x01\x0b\x00" + bytes([len(blocks)]) + b"".join(bytes([0x80, b]) for b in blocks), 1
        )
    assert refused.value.status == expected


@pytest.mark.parametrize(
    "command", [b"", b"\x06", b"\x10\x06", b"\x0c\x04" + IDM + b"\0\0", b"\x10\x06" + bytes(14)]
)
def test_what_is_not_a_command_of_its_own_is_not_answered(command: bytes) -> None:
    assert factory().answer("212F", command) is None
