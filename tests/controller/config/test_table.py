"""Every refusal names file, section, key and what is allowed, in one sentence."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError
from tests.controller.config.texts import WHOLE, refused, write


def test_misspelt_key_is_refused_with_the_near_one(tmp_path: Path):
    sentence = refused(tmp_path, WHOLE.replace("release_time", "relase_time"))
    assert "[doors.front] relase_time" in sentence
    assert "did you mean release_time?" in sentence


def test_misspelt_key_that_is_needed_is_distinguished_from_a_missing_one(tmp_path: Path):
    sentence = refused(tmp_path, WHOLE.replace("lock_pin", "lokc_pin"))
    assert "[doors.front] lokc_pin" in sentence
    assert "did you mean lock_pin?" in sentence


def test_unknown_key_is_refused_with_the_known_ones(tmp_path: Path):
    assert "time_zone" in refused(tmp_path, WHOLE.replace("[site]", '[site]\nqqq = "x"'))


def test_unknown_section_is_refused(tmp_path: Path):
    assert "did you mean doors?" in refused(tmp_path, WHOLE + "[dors.back]\nlock_pin = 5\n")


@pytest.mark.parametrize(
    ("good", "bad", "named"),
    [
        ("lock_pin = 17", "lock_pin = 28", "16 to 27"),
        ("lock_pin = 17", "lock_pin = true", "16 to 27"),
        ("lock_pin = 17", "lock_pin = 4", "stay low while the Pi boots"),
        ("lock_pin = 17", "lock_pin = 14", "stay low while the Pi boots"),
        ("rex_pin = 22", "rex_pin = 1", "from 2 to 27"),
        ("lock_pin = 17", "", "lock_pin: is missing"),
        ("release_time = 3", "release_time = 11", "seconds from 1 to 10"),
        ("release_time = 3", "release_time = nan", "seconds from 1 to 10"),
        ('direction = "in"', 'direction = "inward"', '"in" or "out"'),
        ('door = "front"', 'door = "back"', "one of the doors: front"),
        ('access_point = "front-in"', 'access_point = "x"', "one of the access points: front-in"),
        ('path = "udp:127.0.0.1:54321"', 'path = "wiegand:1"', "usb:"),
        ("port = 8123", "port = 0", "from 1 to 65535"),
        ('time_zone = "Asia/Tokyo"', 'time_zone = "Tokyo"', "Asia/Tokyo"),
        ('time_zone = "Asia/Tokyo"', 'time_zone = "/etc/passwd"', "Asia/Tokyo"),
        ("demo = true", 'demo = "yes"', "true or false"),
        ('name = "本社"', 'name = ""', "1 to 100 characters"),
        ("[doors.front]", "[doors.'Front Door']", "a-z, 0-9 and hyphens"),
    ],
)
def test_bad_value_is_refused_with_what_is_allowed(tmp_path: Path, good: str, bad: str, named: str):
    assert named in refused(tmp_path, WHOLE.replace(good, bad, 1))


def test_section_that_is_not_a_table_is_refused(tmp_path: Path):
    assert "[doors] must be a table" in refused(tmp_path, "doors = 3")


def test_active_low_is_refused_with_the_reason(tmp_path: Path):
    sentence = refused(tmp_path, WHOLE.replace("lock_pin = 17", "lock_pin = 17\nactive_low = true"))
    assert "pulse" in sentence


@pytest.mark.parametrize(
    ("good", "bad", "code", "fields"),
    [
        ("[site]", "[site", "not_toml", {"line": 2}),
        ("lock_pin = 17", "lock_pin = 28", "bad_value", {"where": "[doors.front] lock_pin", "value": "28"}),
        ("lock_pin = 17", "lokc_pin = 17", "unknown_key", {"where": "[doors.front] lokc_pin"}),
        ("lock_pin = 17", "", "missing_key", {"where": "[doors.front] lock_pin"}),
        ("[doors.front]", "[doors.'Front Door']", "bad_name", {"where": "[doors.Front Door]"}),
        (
            "rex_pin = 22",
            "rex_pin = 17",
            "used_twice",
            {"where": "[doors.front] rex_pin", "other": "[doors.front] lock_pin"},
        ),
        ("rex_pin = 22", "rex_releases = true", "conflict", {"where": "[doors.front] rex_releases"}),
    ],
)
def test_refusal_is_a_code_with_its_fields_for_the_log(
    tmp_path: Path, good: str, bad: str, code: str, fields: dict[str, str | int]
):
    assert good in WHOLE
    with pytest.raises(ConfigError) as refusal:
        load(write(tmp_path, WHOLE.replace(good, bad, 1)))
    assert (refusal.value.code, refusal.value.fields) == (code, fields)


def test_field_of_a_refusal_is_one_short_line(tmp_path: Path):
    with pytest.raises(ConfigError) as refusal:
        load(write(tmp_path, WHOLE + f'"moon\\n{"x" * 500}" = 1\n'))
    where = str(refusal.value.fields["where"])
    assert len(where) <= 80 and where.isprintable()
