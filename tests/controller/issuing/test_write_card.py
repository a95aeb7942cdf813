"""Cards get their keys after any interruption; the virtual card has real MACs and the manual's locks."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from controller.issuing.station import Station
from controller.issuing.write_card import CardLeft, CardState, UnusableCard, finish, prepare, read_state
from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.issuing_state import IssuingState, read_issuing_state
from firmware_bridge.nfc.lite_s import CardTrouble, LiteSCard
from firmware_bridge.nfc.lite_s_blocks import CK, CKV, ID, MC, MC_KEY_BY_MAC
from firmware_bridge.nfc.prove import prove
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.half_issued import HalfIssued, half_issued
from firmware_bridge.simulator.lite_s import LOCKED, LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.controller.issuing.pulled_away import card_pulled_away, return_to_field
from tests.firmware_bridge.nfc.field import Radio, card_of

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
STATION = Station(Path("/nowhere"), bytes(range(16)), {1: os.urandom(16), 2: os.urandom(16)})
FIRST = replace(STATION, masters={1: STATION.masters[1]})


def factory() -> LiteSFace:
    return LiteSFace(LiteSMemory(IDM))


def with_version_1() -> LiteSFace:
    return LiteSFace.with_key(IDM, STATION.card_key(IDM, 1), 1)


def give_key(card: LiteSCard, station: Station) -> CardState:
    """As `issue` does it, but for the line in between."""
    return finish(card, station, prepare(card, station))


def inside(face: LiteSFace) -> IssuingState:
    """What a door without its key reads from it."""
    face.power_up()
    return read_issuing_state(Radio(face), "212F", IDM)


def whole(face: LiteSFace, version: int) -> bool:
    """As a door would see it: a new field, and a proof."""
    face.power_up()
    try:
        prove(card_of(face), STATION.card_key(IDM, version), version)
    except CardTrouble:
        return False
    return face.memory.is_locked


def test_card_as_it_was_sold_is_locked_with_its_own_key_and_proves_it():
    face = factory()
    found = give_key(card_of(face), FIRST)
    assert (found.number.hex, found.chip, found.key_version, found.is_whole) == (
        IDM.hex().upper(),
        "00f1",
        1,
        True,
    )
    assert whole(face, 1) and not whole(face, 2)
    assert face.memory.blocks[MC] == LOCKED


def test_locked_card_takes_no_other_key_without_a_proof():
    face = factory()
    give_key(card_of(face), FIRST)
    face.power_up()
    for block in (CK, CKV, ID, MC):
        with pytest.raises(CardTrouble):
            card_of(face).write(block, bytes(16))
    assert whole(face, 1)


def test_rotation_gives_the_newest_key_and_the_one_before_no_longer_passes():
    face = with_version_1()
    assert give_key(card_of(face), STATION).key_version == 2
    assert whole(face, 2) and not whole(face, 1)


def test_card_that_is_done_is_proved_again_and_not_written():
    face = factory()
    give_key(card_of(face), FIRST)
    before = dict(face.memory.blocks)
    assert give_key(card_of(face), FIRST).is_whole and face.memory.blocks == before


@pytest.mark.parametrize("reaches", [False, True], ids=["before it reached the card", "its answer was lost"])
@pytest.mark.parametrize(("make", "station", "version"), [(factory, FIRST, 1), (with_version_1, STATION, 2)])
def test_card_pulled_away_at_any_command_says_that_it_is_half_issued_or_is_as_it_was_or_whole(
    make, station: Station, version: int, reaches: bool
):
    """Every reader can read the mark without a key, so no door admits the card by its number."""
    nth, ended, answers = 1, False, []  # polling is the first
    while not ended:
        face = make()
        was = dict(face.memory.blocks)
        try:
            give_key(card_pulled_away(face, nth, reaches), station)
            ended = True
        except CardLeft:
            pass
        return_to_field(face)
        untouched, done = face.memory.blocks == was, whole(face, version)
        assert (inside(face) is IssuingState.HALF_ISSUED) is not (untouched or done), nth
        answers.append(inside(face))
        assert untouched or not whole(face, 1) or version == 1, nth  # the key before no longer passes
        assert read_state(card_of(face), station).proved in (None, 1, 2)
        assert give_key(card_of(face), station).is_whole and whole(face, version), nth
        assert inside(face) is IssuingState.NOTHING_BEGUN
        nth += 1
    assert nth > 10 and answers.count(IssuingState.HALF_ISSUED) > 8


@pytest.mark.parametrize("step", list(HalfIssued))
def test_half_issued_card_of_each_step_is_found_to_be_none_of_those_sold_and_finished(step: HalfIssued):
    face = half_issued(IDM, step, STATION.card_key(IDM, 1))
    found = read_state(card_of(face), FIRST)
    assert not (found.is_whole or found.is_as_sold)
    assert give_key(card_of(face), FIRST).is_whole and whole(face, 1)


@pytest.mark.parametrize("done", [1, 2])
def test_card_that_an_earlier_genkan_left_half_issued_says_so_too_and_is_finished(done: int):
    """It wrote the key version first and knew no mark."""
    face = factory()
    key = lite_s_mac.key_block(STATION.card_key(IDM, 1))
    for block, data in [(CKV, b"\x01".ljust(16, b"\0")), (CK, key)][:done]:
        card_of(face).write(block, data)
    assert inside(face) is IssuingState.HALF_ISSUED and not read_state(card_of(face), FIRST).is_as_sold
    assert give_key(card_of(face), FIRST).is_whole and inside(face) is IssuingState.NOTHING_BEGUN


def test_card_of_another_station_is_refused_and_stays_as_it_is():
    face = LiteSFace.with_key(IDM, os.urandom(16), 1)
    before = dict(face.memory.blocks)
    with pytest.raises(UnusableCard, match="a key of another station"):
        give_key(card_of(face), STATION)
    assert face.memory.blocks == before


def test_card_whose_key_cannot_be_changed_is_refused():
    face = with_version_1()
    mc = bytearray(LOCKED)
    mc[MC_KEY_BY_MAC] = 0
    face.memory.blocks[MC] = bytes(mc)
    face.power_up()
    with pytest.raises(UnusableCard, match="another system"):
        give_key(card_of(face), STATION)


def test_card_that_is_not_a_lite_s_is_refused():
    with pytest.raises(UnusableCard, match="not a FeliCa Lite-S"):
        give_key(card_of(FelicaFace(IDM.hex())), STATION)


def test_phone_is_refused():
    with pytest.raises(UnusableCard, match="phone"):
        give_key(card_of(LiteSFace(LiteSMemory(bytes.fromhex("01FE4CD1A5C0FFEE")))), STATION)


def test_card_with_anothers_id_block_is_refused():
    face = factory()
    face.memory.blocks[ID] = bytes(16)
    with pytest.raises(UnusableCard, match="another card's"):
        give_key(card_of(face), STATION)
