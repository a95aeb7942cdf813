import stat
from pathlib import Path

import pytest

from firmware_bridge.nfc.lite_s_blocks import CK, CKV, MC
from firmware_bridge.nfc.lite_s_mac import key_block
from firmware_bridge.nfc.prove import prove
from firmware_bridge.simulator import card_file
from firmware_bridge.simulator.lite_s import LOCKED
from tests.firmware_bridge.nfc import field

IDM = "012E4CD1A5C0FFEE"
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


def test_what_one_process_wrote_another_presents(tmp_path: Path) -> None:
    file = tmp_path / "card"
    card = field.card_of(card_file.new_card(file, IDM))
    card.write(CK, key_block(KEY))
    card.write(CKV, b"\x01" + bytes(15))
    card.write(MC, LOCKED)
    prove(field.card_of(card_file.card_of(file)), KEY, 1)
    count = card_file.card_of(file).memory.count
    prove(field.card_of(card_file.card_of(file)), KEY, 1)
    assert card_file.card_of(file).memory.count == count + 1


def test_file_is_its_owners_alone_and_no_other_is_left(tmp_path: Path) -> None:
    file = tmp_path / "card"
    card_file.new_card(file, IDM)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_card_that_is_there_is_not_created_again(tmp_path: Path) -> None:
    file = tmp_path / "card"
    card_file.new_card(file, IDM)
    with pytest.raises(FileExistsError):
        card_file.new_card(file, IDM)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"idm":"00","count":0,"blocks":{}}', '{"idm":1,"count":"x","blocks":[]}'],
)
def test_file_that_is_not_a_card_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "card"
    file.write_text(text)
    with pytest.raises(ValueError, match="not a virtual card"):
        card_file.card_of(file)


def test_number_that_is_none_makes_no_card(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        card_file.new_card(tmp_path / "card", "0102")
    assert list(tmp_path.iterdir()) == []
