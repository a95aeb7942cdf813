"""A door's locks, inputs and times: what contradicts is refused."""

from pathlib import Path

import pytest

from controller.config import load
from tests.controller.config.texts import WHOLE, refused, write

AT_READER = WHOLE.replace("lock_pin = 17", 'lock_reader = "front-in"').replace(
    'path = "udp:127.0.0.1:54321"', 'path = "osdp:USB0:0"'
)


def _without_rex(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(("rex_", "lock =")))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("lock_pin = 17", "goes instead of lock_pin"),
        ('lock = "fail_safe"', "would fall open with every fault of the reader's cable"),
        ("rex_pin = 22\nrex_releases = true", "would make the way out depend on the reader's cable"),
    ],
)
def test_lock_on_a_reader_is_refused_where_leaving_or_holding_would_hang_on_it(
    tmp_path: Path, more: str, named: str
):
    text = _without_rex(AT_READER).replace("[doors.front]", f"[doors.front]\n{more}")
    sentence = refused(tmp_path, text)
    assert "[doors.front] lock_reader" in sentence and named in sentence


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("rex_pin = 22", "rex_pin = 17"),
        ("rex_pin = 22", "rex_pin = 24"),
        ("rex_pin = 22", "rex_pin = 22\n[doors.back]\nlock_pin = 22"),
    ],
)
def test_pin_used_twice_is_refused_and_both_uses_named(tmp_path: Path, good: str, bad: str):
    sentence = refused(tmp_path, WHOLE.replace(good, bad))
    assert "is already used by [" in sentence


def test_rex_that_releases_needs_a_rex_pin(tmp_path: Path):
    assert "rex_pin" in refused(tmp_path, WHOLE.replace("rex_pin = 22", "rex_releases = true"))


def test_fail_safe_lock_releases_on_request_to_exit_by_default(tmp_path: Path):
    text = WHOLE.replace("lock_pin = 17", 'lock_pin = 17\nlock = "fail_safe"')
    assert load(write(tmp_path, text)).doors["front"].rex_releases
    assert not load(write(tmp_path, WHOLE)).doors["front"].rex_releases


@pytest.mark.parametrize("key", ["held_open_warning", "held_open_alarm", "held_open_more_time"])
def test_held_open_without_a_contact_would_do_nothing_and_is_refused(tmp_path: Path, key: str):
    text = WHOLE.replace("door_contact_pin = 27", f"{key} = 25")
    assert f"{key}: needs door_contact_pin" in refused(tmp_path, text)


@pytest.mark.parametrize("input_pin", ["rex_pin = 22", "door_contact_pin = 27"])
def test_requests_to_exit_cannot_be_held_against_openings_without_button_and_contact(
    tmp_path: Path, input_pin: str
):
    text = WHOLE.replace("release_time = 3", "rex_without_opening = 12")
    assert load(write(tmp_path, text)).doors["front"].rex_without_opening == 12
    assert "needs rex_pin and door_contact_pin" in refused(tmp_path, text.replace(input_pin, ""))
    for bad in ("-1", "1001", "2.5", "true"):
        assert "from 0 to 1000" in refused(tmp_path, text.replace("opening = 12", f"opening = {bad}"))


def test_held_open_alarm_comes_after_its_warning(tmp_path: Path):
    text = WHOLE.replace("release_time = 3", "held_open_alarm = 20")
    assert "the warning (20 s) must come before the alarm (20 s)" in refused(tmp_path, text)
    door = load(write(tmp_path, text.replace("= 20", "= 20.5"))).doors["front"]
    assert (door.held_open_warning.total_seconds(), door.held_open_alarm.total_seconds()) == (20, 20.5)
    assert "3 to 3600" in refused(tmp_path, text.replace("= 20", "= 2.9"))


def test_lock_hangs_on_a_reader_only_where_that_is_written(tmp_path: Path):
    door = load(write(tmp_path, WHOLE)).doors["front"]
    assert (door.lock_pin, door.lock_reader) == (17, None)
    door = load(write(tmp_path, _without_rex(AT_READER))).doors["front"]
    assert (door.lock_pin, door.lock_reader) == (None, "front-in")


def test_lock_on_a_reader_that_is_none_of_the_doors_osdp_readers_is_refused(tmp_path: Path):
    nfc = _without_rex(AT_READER).replace("osdp:USB0:0", "usb:054c:06c3")
    assert "front-in is not an OSDP reader of this door; write lock_pin instead" in refused(tmp_path, nfc)
    other = _without_rex(AT_READER).replace('lock_reader = "front-in"', 'lock_reader = "back"')
    assert "back is not an OSDP reader of this door; write front-in" in refused(tmp_path, other)
