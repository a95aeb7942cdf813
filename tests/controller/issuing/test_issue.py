import os
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing.issue import issue, read_door_key, wait_for_card
from controller.issuing.issue_file import parse
from controller.issuing.station import Station
from controller.issuing.wrapping import DoorPrivateKey
from controller.issuing.write_card import CardLeft, prepare
from firmware_bridge.nfc.issuing_state import IssuingState, read_issuing_state
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.controller.issuing.pulled_away import card_pulled_away, return_to_field
from tests.firmware_bridge.nfc.field import Radio, card_of

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
STATION = Station(Path("/nowhere"), bytes(range(16)), {1: os.urandom(16)})
DOOR = DoorPrivateKey(os.urandom(32))


def factory() -> LiteSFace:
    return LiteSFace(LiteSMemory(IDM))


def test_line_is_there_before_the_card_says_which_key_it_has(tmp_path: Path):
    """After any last command, a complete card has its line, and any other card is half issued."""
    nth = 2
    while True:
        out, face = tmp_path / f"{nth}.jsonl", factory()
        card = card_pulled_away(face, nth, True)
        try:
            issue(card._device, card, STATION, DOOR.public, 2024, out)
            break
        except CardLeft:
            return_to_field(face)
            inside = read_issuing_state(Radio(face), "212F", IDM)
            as_sold = face.memory.blocks == factory().memory.blocks
            assert out.exists() or as_sold or inside is IssuingState.HALF_ISSUED, nth
            issue(radio := Radio(face), wait_for_card(radio, 0), STATION, DOOR.public, 2024, out)
            assert read_issuing_state(radio, "212F", IDM) is IssuingState.NOTHING_BEGUN and out.exists()
        nth += 1
    issued = parse(out.read_bytes().rstrip())
    assert (issued.version, issued.bought, issued.door) == (1, 2024, DOOR.public.id)
    assert DOOR.unwrap(issued.number, 1, issued.wrapped) == STATION.card_key(IDM, 1)
    assert nth > 20


def test_station_killed_before_the_line_writes_it_the_next_time(tmp_path: Path):
    out, face = tmp_path / "out.jsonl", factory()
    prepare(card_of(face), STATION)
    face.power_up()
    radio = Radio(face)
    card = wait_for_card(radio, 0)
    assert card is not None
    before, after, _ = issue(radio, card, STATION, DOOR.public, None, out)
    assert not before.is_whole and after.is_whole and len(out.read_bytes().splitlines()) == 1


def test_card_whose_line_could_not_be_written_stays_half_issued(tmp_path: Path):
    radio = Radio(factory())
    card = wait_for_card(radio, 0)
    assert card is not None
    with pytest.raises(InstallerError, match="give another --out"):
        issue(radio, card, STATION, DOOR.public, None, tmp_path / "none" / "out")
    assert read_issuing_state(radio, "212F", IDM) is IssuingState.HALF_ISSUED


def test_file_that_cannot_be_written_is_reported_and_another_one_can_be_chosen(tmp_path: Path):
    radio = Radio(factory())
    card = wait_for_card(radio, 0)
    assert card is not None
    with pytest.raises(InstallerError, match="give another --out"):
        issue(radio, card, STATION, DOOR.public, None, tmp_path / "none" / "out")
    issue(radio, card, STATION, DOOR.public, None, tmp_path / "out")
    assert parse((tmp_path / "out").read_bytes().rstrip()).version == 1


def test_card_that_comes_not_is_not_waited_for_longer_than_reported():
    assert wait_for_card(Radio(FelicaFace(IDM.hex())), 0, frozenset({IDM})) is None


@pytest.mark.parametrize("content", ["", "genkan-door-key/1 xyz", "x" * 100])
def test_file_that_is_not_a_public_key_is_reported_with_where_to_get_it(tmp_path: Path, content: str):
    (tmp_path / "door").write_text(content)
    with pytest.raises(InstallerError, match="genkan issue public-key"):
        read_door_key(tmp_path / "door")
    with pytest.raises(InstallerError, match="cannot be read"):
        read_door_key(tmp_path / "none")
