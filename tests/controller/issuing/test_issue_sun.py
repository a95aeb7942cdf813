"""Keys of NTAG 424 DNA cards: a line for the door, one for the tool that personalises, and no other trace."""

import csv
import os
import stat
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing.chips import NTAG_424, chip_name, may_be_from_before_2018
from controller.issuing.issue_file import BadLine, IssuedKey, parse
from controller.issuing.issue_sun import issue_sun, number_of
from controller.issuing.wrapping import DoorPrivateKey
from controller.model.credentials import CardNumber
from tests.controller.issuing_side import STATION

DOOR = DoorPrivateKey(os.urandom(32))
CARDS = [number_of("04 DE 5F 1E AC C0 40"), number_of("041E3C8A2D6B80")]


def test_door_and_tool_get_the_same_key_of_each_card(tmp_path: Path) -> None:
    out, keys = tmp_path / "out.jsonl", tmp_path / "keys.csv"
    assert not issue_sun(STATION, DOOR.public, CARDS, out, keys, 2026)
    lines = [parse(line) for line in out.read_bytes().splitlines()]
    rows = list(csv.DictReader(keys.open()))
    assert [line["uid"] for line in rows] == [card.hex for card in CARDS]
    for issued, line in zip(lines, rows, strict=True):
        assert (issued.version, issued.chip, issued.bought) == (2, NTAG_424, 2026)
        unwrapped = DOOR.unwrap(issued.number, 2, issued.wrapped)
        assert unwrapped.hex().upper() == line["key"] and line["key_version"] == "2"
    assert len({line["key"] for line in rows}) == 2
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert all(line["key"].lower().encode() not in out.read_bytes().lower() for line in rows)


def test_key_is_another_than_a_felica_of_any_number_would_get() -> None:
    """AN10922's input holds the card's application and the key's number besides."""
    uid = bytes.fromhex(CARDS[0].hex)
    assert STATION.sun_key(uid, 1) not in (STATION.card_key(uid + b"\x02", 1), STATION.sun_key(uid, 2))


def test_file_of_keys_is_never_written_over(tmp_path: Path) -> None:
    keys = tmp_path / "keys.csv"
    keys.write_text("of another card")
    with pytest.raises(InstallerError, match="exists already"):
        issue_sun(STATION, DOOR.public, CARDS, tmp_path / "out.jsonl", keys)
    with pytest.raises(InstallerError, match="cannot be written"):
        issue_sun(STATION, DOOR.public, CARDS, tmp_path / "out.jsonl", tmp_path / "nowhere" / "keys.csv")
    assert keys.read_text() == "of another card" and not (tmp_path / "out.jsonl").exists()


def test_file_for_the_door_is_never_the_one_with_keys_in_the_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").symlink_to(tmp_path)
    out = tmp_path / "out.jsonl"
    for keys in (out, Path("out.jsonl"), tmp_path / "here" / "out.jsonl"):
        with pytest.raises(InstallerError, match="the same file"):
            issue_sun(STATION, DOOR.public, CARDS, out, keys)
        assert not out.exists()


def test_line_that_cannot_be_written_is_reported_as_of_cards_that_have_no_key_yet(tmp_path: Path) -> None:
    keys = tmp_path / "keys.csv"
    with pytest.raises(InstallerError, match="destroy ") as rows:
        issue_sun(STATION, DOOR.public, CARDS, tmp_path / "nowhere" / "out.jsonl", keys)
    assert str(keys) in str(rows.value) and "has its key already" not in str(rows.value)


@pytest.mark.parametrize(
    "text", ["", "04DE5F1E", "0101031284C0FFEE", "04DE5F1EACC0ZZ", "04DE5F1EACC04000000000"]
)
def test_number_that_no_such_card_has_is_refused(text: str) -> None:
    with pytest.raises(InstallerError, match="14 hexadecimal digits"):
        number_of(text)


@pytest.mark.parametrize(
    ("number", "chip"), [("04DE5F1EACC040", "00f1"), ("0101031284C0FFEE", NTAG_424), ("04112233", NTAG_424)]
)
def test_line_whose_card_and_chip_do_not_go_together_is_none(number: str, chip: str) -> None:
    line = IssuedKey(CardNumber.parse(number), 1, chip, None, DOOR.public.id, bytes(64)).signed(STATION.key)
    with pytest.raises(BadLine, match="line_damaged"):
        parse(line.line)


def test_chip_is_called_what_it_is_and_never_one_that_sony_warned_of() -> None:
    assert chip_name(NTAG_424) == "NTAG 424 DNA"
    assert not may_be_from_before_2018(NTAG_424, None)
