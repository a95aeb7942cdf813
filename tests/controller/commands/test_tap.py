"""`genkan tap` where it cannot tap; taps that arrive are in tests/scenarios."""

from pathlib import Path

import pytest

from tests.controller.commands.command import genkan, refused, unchanged
from tests.controller.site import Door

IDM = "0101031284C0FFEE"


def tap(data: Path, reader: str = "entrance-in", idm: str = IDM, *more: str):
    return genkan("tap", "--data", data, "--reader", reader, "--idm", idm, *more)


@pytest.mark.parametrize("idm", ["", "zz", IDM[:-1], IDM + "00", "04112233", "\udc80", "=1"])
def test_number_of_no_felica_card_is_wrong_usage(data: Path, idm: str):
    assert "--idm" in refused(tap(data, idm=idm), status=2)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--key", "00" * 15], "--key"),
        (["--key", "zz" * 16], "--key"),
        (["--key", "3a" * 16, "--key-version", "0"], "--key-version"),
        (["--key-version", "2"], "--key-version"),
        (["--key", "3a" * 16, "--card", "x"], "either --key or --card"),
        (["--half-issued", "begun", "--card", "x"], "--half-issued goes only with --idm"),
        (["--half-issued", "half"], "begun"),
    ],
)
def test_key_that_is_none_is_wrong_usage(data: Path, more: list[str], named: str):
    assert named in refused(tap(data, "entrance-in", IDM, *more), status=2)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--uid", "zz"], "--uid is not a UID"),
        (["--uid", "0411223344"], "--uid is not a UID"),
        (["--uid", "04112233", "--key", "3a" * 16], "--uid with --key"),
        (["--uid", "04DE5F1EACC040", "--key", "3a" * 15], "--key"),
        (["--uid", "04DE5F1EACC040", "--key", "3a" * 16, "--counter", str(1 << 24)], "--counter"),
        (["--uid", "04DE5F1EACC040", "--key", "3a" * 16, "--counter", "-1"], "--counter"),
        (["--uid", "04DE5F1EACC040", "--counter", "1"], "--counter goes with"),
        (["--idm", IDM, "--key", "3a" * 16, "--counter", "1"], "--counter goes with"),
        (["--uid", "04DE5F1EACC040", "--idm", IDM], "only --key and --counter"),
        (["--uid", "04DE5F1EACC040", "--key", "3a" * 16, "--key-version", "2"], "only --key and --counter"),
    ],
)
def test_type_a_badge_that_cannot_be_is_wrong_usage(data: Path, options: list[str], named: str):
    assert named in refused(genkan("tap", "--data", data, "--reader", "entrance-in", *options), status=2)


def test_tap_without_number_and_card_is_wrong_usage(data: Path):
    refusal = refused(genkan("tap", "--data", data, "--reader", "entrance-in"), status=2)
    assert "--idm" in refusal and "--card" in refusal


def test_card_kept_in_a_file_is_created_once_and_keeps_its_number(data: Path, tmp_path: Path):
    card = tmp_path / "card"
    assert "There is no card" in refused(
        genkan("tap", "--data", data, "--reader", "entrance-in", "--card", card)
    )
    assert "is not running" in refused(tap(data, "entrance-in", IDM, "--card", str(card)))
    assert card.exists()
    assert "is not running" in refused(
        genkan("tap", "--data", data, "--reader", "entrance-in", "--card", card)
    )
    assert "another number" in refused(tap(data, "entrance-in", "0101031284C0FFED", "--card", str(card)))
    card.write_text("no card")
    assert "not a virtual card" in refused(tap(data, "entrance-in", IDM, "--card", str(card)))


@pytest.mark.parametrize("hold", ["-1", "-0.001", "nan", "inf", "1e99", "soon", ""])
def test_impossible_hold_is_wrong_usage(data: Path, hold: str):
    assert "--hold" in refused(tap(data, "entrance-in", IDM, "--hold", hold), status=2)


def test_unknown_reader_is_refused_with_those_there_are(data: Path):
    refusal = refused(tap(data, "side-door"))
    assert "side-door" in refusal
    assert "entrance-in, entrance-out" in refusal


def test_real_reader_wants_a_real_badge(data: Path):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("udp:127.0.0.1:1", "tty:USB0"), "utf-8")
    assert "real badge" in refused(tap(data))


def test_door_that_does_not_run_is_reported_with_how_to_start_it(data: Path):
    with unchanged(data):
        assert f"start it with `genkan run --data {data}`" in refused(tap(data))


def test_address_the_badge_cannot_be_held_to_names_the_line_to_correct(door: Door):
    data = door.site.config.data
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("udp:127.0.0.1:1", "udp:192.0.2.1:20001"), "utf-8")
    assert "[readers.entrance-in] path" in refused(tap(data))


def test_folder_never_set_up_is_refused(tmp_path: Path):
    assert "genkan init" in refused(tap(tmp_path))
