from collections.abc import Callable

import pytest

from firmware_bridge.nfc.lite_s import CardSilent, CardTrouble, CardWrong, sense
from firmware_bridge.nfc.lite_s_blocks import CK, CKV, ID, STATE
from firmware_bridge.nfc.prove import CardHalfIssued, prove
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.firmware_bridge.nfc.field import Radio, card_of

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
OTHER = bytes.fromhex("C4D1F0A2730B9E586112CF7A4E83D95B")

Change = Callable[[bytes, bytes | None], bytes | None]


@pytest.fixture
def face() -> LiteSFace:
    return LiteSFace.with_key(IDM, KEY, version=3)


def _is_write_of(block: int, command: bytes) -> bool:
    return command[1] == 8 and command[15] == block


def test_card_with_the_key_proves_it_in_four_commands_and_believes_the_reader(face: LiteSFace) -> None:
    radio = Radio(face)
    card = sense(radio)
    assert card is not None
    prove(card, KEY, 3)
    assert len(radio.heard) == 5  # one of them the polling
    assert face.memory.authenticated


@pytest.mark.parametrize(("key", "version"), [(OTHER, 3), (bytes(16), 3)])
def test_card_with_another_key_proves_nothing(face: LiteSFace, key: bytes, version: int) -> None:
    with pytest.raises(CardWrong):
        prove(card_of(face), key, version)


def test_card_with_the_key_that_says_another_version_is_half_issued(face: LiteSFace) -> None:
    with pytest.raises(CardHalfIssued):
        prove(card_of(face), KEY, 2)


def test_card_that_names_another_in_its_id_block_proves_nothing() -> None:
    """Not possible on Sony's card; a chip that imitates one may let its ID block be written."""
    kept = LiteSFace.with_key(IDM, KEY).memory.blocks
    face = LiteSFace(LiteSMemory(IDM, kept | {ID: bytes(16)}))
    with pytest.raises(CardWrong, match="ID block"):
        prove(card_of(face), KEY, 1)


def test_state_that_the_card_does_not_take_proves_nothing(face: LiteSFace) -> None:
    def forged(command: bytes, answer: bytes | None) -> bytes | None:
        if _is_write_of(STATE, command):
            face.memory.authenticated = False
            return b"\x0c\x09" + IDM + b"\0\0"
        return answer

    with pytest.raises(CardWrong, match="believe"):
        prove(card_of(face, forged), KEY, 3)


def test_answer_to_the_readers_proof_that_is_lost_does_not_matter(face: LiteSFace) -> None:
    prove(card_of(face, lambda c, answer: None if _is_write_of(STATE, c) else answer), KEY, 3)


def test_readers_proof_that_is_lost_is_silence(face: LiteSFace) -> None:
    def lost(command: bytes, answer: bytes | None) -> bytes | None:
        if _is_write_of(STATE, command):
            face.memory.authenticated = False
            return None
        return answer

    with pytest.raises(CardSilent):
        prove(card_of(face, lost), KEY, 3)


@pytest.mark.parametrize("step", [1, 2, 4])
def test_card_that_falls_silent_at_a_step_is_silent_and_proves_nothing(face: LiteSFace, step: int) -> None:
    commands: list[bytes] = []

    def silent(command: bytes, answer: bytes | None) -> bytes | None:
        if command[1] == 0:
            return answer
        if command not in commands:
            commands.append(command)
        return None if len(commands) >= step else answer

    with pytest.raises(CardSilent):
        prove(card_of(face, silent), KEY, 3)


@pytest.mark.parametrize(("missing", "trouble"), [(CK, CardWrong), (CKV, CardHalfIssued)])
def test_half_provisioned_card_proves_nothing(missing: int, trouble: type[CardTrouble]) -> None:
    kept = LiteSFace.with_key(IDM, KEY).memory.blocks | {missing: bytes(16)}
    with pytest.raises(trouble):
        prove(card_of(LiteSFace(LiteSMemory(IDM, kept))), KEY, 1)


def test_every_byte_of_every_answer_is_covered(face: LiteSFace) -> None:
    """But for what nobody relies on: the status of the reader's proof, and bytes the MAC leaves out."""
    answers = 4
    lengths = [12, 13 + 64, 12, 13 + 64]
    for number in range(answers):
        for place in range(lengths[number]):
            with pytest.raises(CardTrouble):
                prove(card_of(LiteSFace.with_key(IDM, KEY, 3), _flip(number, place)), KEY, 3)
            if place == 13 + 48 + 7:
                break  # what follows the eight bytes of a MAC says nothing


def _flip(number: int, place: int) -> Change:
    seen = -1

    def change(command: bytes, answer: bytes | None) -> bytes | None:
        nonlocal seen
        if command[1] == 0 or answer is None:
            return answer
        seen += 1
        if seen != number:
            return answer
        return answer[:place] + bytes([answer[place] ^ 0x10]) + answer[place + 1 :]

    return change
