"""Every refusal names file, section, key and what is allowed, in one sentence."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config import LAST_GOOD, Config, OsdpPath, keep_as_last_good, load, load_or_last_good
from controller.errors import ConfigError
from controller.model.access import Direction

WHOLE = """
[site]
name = "本社"
time_zone = "Asia/Tokyo"
demo = true
fire_pin = 24
[web]
port = 8123
[doors.front]
lock_pin = 17
door_contact_pin = 27
rex_pin = 22
release_time = 3
[access_points.front-in]
door = "front"
direction = "in"
[readers.front-in]
access_point = "front-in"
path = "udp:127.0.0.1:54321"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "genkan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refusal:
        load(write(folder, text))
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert "genkan.toml" in sentence
    return sentence


def test_whole_configuration_is_read_into_typed_fields(tmp_path: Path):
    config = load(write(tmp_path, WHOLE))
    assert config.data == tmp_path
    assert config.site.name == "本社"
    assert config.web.port == 8123
    assert config.doors["front"].release_time.total_seconds() == 3
    assert config.doors["front"].label_ja == "front"
    assert config.access_points["front-in"].direction is Direction.IN
    assert config.readers["front-in"].access_point == "front-in"


def test_version_is_that_of_the_text_so_that_any_edit_shows(tmp_path: Path):
    first = load(write(tmp_path, WHOLE)).version
    assert load(write(tmp_path, WHOLE)).version == first
    assert load(write(tmp_path, WHOLE + "# a remark\n")).version != first


def test_empty_file_is_a_house_without_doors(tmp_path: Path):
    config: Config = load(write(tmp_path, ""))
    assert not config.doors
    assert config.web.host == "127.0.0.1"
    assert not config.site.demo


AT_READER = WHOLE.replace("lock_pin = 17", 'lock_reader = "front-in"').replace(
    'path = "udp:127.0.0.1:54321"', 'path = "osdp:USB0:0"'
)


def test_lock_hangs_on_a_reader_only_where_that_is_written(tmp_path: Path):
    door = load(write(tmp_path, WHOLE)).doors["front"]
    assert (door.lock_pin, door.lock_reader) == (17, None)
    door = load(write(tmp_path, _without_rex(AT_READER))).doors["front"]
    assert (door.lock_pin, door.lock_reader) == (None, "front-in")


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


def test_lock_on_a_reader_that_is_none_of_the_doors_osdp_readers_is_refused(tmp_path: Path):
    nfc = _without_rex(AT_READER).replace("osdp:USB0:0", "usb:054c:06c3")
    assert "front-in is not an OSDP reader of this door; write lock_pin instead" in refused(tmp_path, nfc)
    other = _without_rex(AT_READER).replace('lock_reader = "front-in"', 'lock_reader = "back"')
    assert "back is not an OSDP reader of this door; write front-in" in refused(tmp_path, other)


def test_misspelt_key_is_refused_with_the_near_one(tmp_path: Path):
    sentence = refused(tmp_path, WHOLE.replace("release_time", "relase_time"))
    assert "[doors.front] relase_time" in sentence
    assert "did you mean release_time?" in sentence


def test_misspelt_key_that_is_needed_is_told_from_a_missing_one(tmp_path: Path):
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


def test_section_that_is_no_table_is_refused(tmp_path: Path):
    assert "[doors] must be a table" in refused(tmp_path, "doors = 3")


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


def test_one_path_for_two_readers_is_refused(tmp_path: Path):
    second = '[readers.other]\naccess_point = "front-in"\npath = "udp:127.0.0.1:54321"\n'
    assert "already used by [readers.front-in]" in refused(tmp_path, WHOLE + second)


def test_active_low_is_refused_with_the_reason(tmp_path: Path):
    sentence = refused(tmp_path, WHOLE.replace("lock_pin = 17", "lock_pin = 17\nactive_low = true"))
    assert "pulse" in sentence


def test_simulated_reader_without_demo_is_refused(tmp_path: Path):
    assert "demo = true" in refused(tmp_path, WHOLE.replace("demo = true", "demo = false"))


def test_pages_without_tls_are_kept_on_loopback(tmp_path: Path):
    assert "not loopback" in refused(tmp_path, WHOLE.replace("[web]", '[web]\nhost = "0.0.0.0"'))
    tls = '[web]\nhost = "0.0.0.0"\ntls_certificate = "c.pem"\ntls_key = "k.pem"'
    assert load(write(tmp_path, WHOLE.replace("[web]", tls))).web.tls_key == tmp_path / "k.pem"


def test_certificate_without_its_key_is_refused(tmp_path: Path):
    assert "go together" in refused(tmp_path, WHOLE.replace("[web]", '[web]\ntls_key = "k.pem"'))


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


@pytest.mark.parametrize("text", ["[site", "\x00", "a = 1\na = 2", "[site]\nname = '\udcff'"])
def test_text_that_is_not_toml_is_refused_in_one_sentence(tmp_path: Path, text: str):
    file = tmp_path / "genkan.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(file)


def test_missing_file_is_refused_with_what_to_do(tmp_path: Path):
    with pytest.raises(ConfigError, match="genkan init"):
        load(tmp_path / "genkan.toml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, text: str):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(file)
    except ConfigError as refusal:
        assert "any.toml" in str(refusal)


def test_configuration_the_door_started_on_is_kept_once_and_read_when_the_file_is_gone(tmp_path: Path):
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    kept = load(file)
    keep_as_last_good(kept)
    copy = tmp_path / LAST_GOOD
    before = copy.stat()
    keep_as_last_good(kept)
    assert copy.stat().st_mtime_ns == before.st_mtime_ns
    assert load_or_last_good(file) == (kept, None)
    file.unlink()
    config, problem = load_or_last_good(file)
    assert config == kept and config.file == file
    assert problem is not None and "cannot be read" in problem


def test_file_edited_since_the_start_is_not_what_was_started_on(tmp_path: Path):
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    config = load(file)
    write(tmp_path, WHOLE.replace("本社", "支社"))
    keep_as_last_good(config)
    assert not (tmp_path / LAST_GOOD).exists()


def test_without_a_good_copy_the_first_problem_is_what_is_said(tmp_path: Path):
    (tmp_path / LAST_GOOD).parent.mkdir(parents=True)
    file = write(tmp_path, "[site")
    for copy in (None, "[door"):
        if copy is not None:
            (tmp_path / LAST_GOOD).write_text(copy)
        with pytest.raises(ConfigError, match="not valid TOML") as refusal:
            load_or_last_good(file)
        assert str(LAST_GOOD) not in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "port", "address", "baud"),
    [
        ("osdp:USB0:0", "/dev/ttyUSB0", 0, 115_200),
        ("osdp:USB0:126:9600", "/dev/ttyUSB0", 126, 9600),
        ("osdp:/dev/serial/by-id/usb-FTDI_A1:3", "/dev/serial/by-id/usb-FTDI_A1", 3, 115_200),
        (
            "osdp:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0:5:38400",
            "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0",
            5,
            38_400,
        ),
    ],
)
def test_path_on_a_line_names_port_address_and_speed(path: str, port: str, address: int, baud: int):
    assert OsdpPath.parse(path) == OsdpPath(port, False, address, baud)


@pytest.mark.parametrize(
    "path",
    [
        *("osdp:", "osdp:USB0", "osdp:USB0:127", "osdp:USB0:-1", "osdp:USB0:0:1200", "osdp:USB0:x"),
        *("osdp:../a:0", "osdp:pty:line-1:0", "osdp:pty:a/b:0", "osdp:USB0:0:0:9600"),
    ],
)
def test_path_that_names_no_reader_on_a_line_is_refused(tmp_path: Path, path: str):
    real = WHOLE.replace("demo = true", "demo = false")
    with pytest.raises(ConfigError, match=r"\[readers.front-in\] path"):
        load(write(tmp_path, real.replace("udp:127.0.0.1:54321", path)))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("osdp:USB0:0", "osdp:USB0:1:9600", "give all readers of a line one speed"),
        ("osdp:USB0:0", "osdp:/dev/ttyUSB0:0", "address 0 on /dev/ttyUSB0 is already used by"),
    ],
)
def test_readers_of_one_line_that_cannot_be_told_apart_are_refused(
    tmp_path: Path, first: str, second: str, said: str
):
    text = WHOLE.replace("udp:127.0.0.1:54321", first)
    with pytest.raises(ConfigError, match=said):
        load(write(tmp_path, text + f'[readers.other]\naccess_point = "front-in"\npath = "{second}"\n'))


def of_two(first: str, second: str) -> str:
    text = WHOLE.replace("udp:127.0.0.1:54321", first)
    return text + f'[readers.other]\naccess_point = "front-in"\npath = "{second}"\n'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("usb:054c:06c3", "usb:054c"),
        ("usb:054c:06c3", "usb:054C:06C3"),
        ("usb:054c:06c3", "usb:port:1-1.2"),
        ("usb:001:004", "usb:001:005"),
        ("usb:serial:0371001", "usb:054c"),
        ("tty:USB0:pn532", "tty:USB1:pn532"),
        ("tty:/dev/serial/by-id/usb-A1:pn532", "tty:ACM0"),
        ("tty:/dev/ttyUSB0", "tty:/dev/serial/by-id/usb-A1"),
    ],
)
def test_readers_that_could_change_places_at_a_restart_are_refused(tmp_path: Path, first: str, second: str):
    sentence = refused(tmp_path, of_two(first, second))
    assert "may be another reader after a restart" in sentence and (
        "usb:port:" in sentence or "by-id" in sentence
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("usb:054c:06c3", "usb:072f:2200"),
        ("usb:port:1-1.2", "usb:serial:0371001"),
        ("usb:001:004", "tty:USB0:pn532"),
        ("tty:AMA0:pn532", "tty:USB0:pn532"),
        ("tty:S0:pn532", "tty:AMA1:pn532"),
        ("tty:/dev/serial/by-id/usb-A1:pn532", "tty:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0:pn532"),
        ("tty:pty:usb-1", "tty:pty:usb-2"),
        ("tty:USB0:pn532", "osdp:USB1:0"),
    ],
)
def test_readers_that_are_told_apart_for_ever_are_read(tmp_path: Path, first: str, second: str):
    assert set(load(write(tmp_path, of_two(first, second))).readers) == {"front-in", "other"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("tty:AMA0", "tty:AMA0:pn532"),
        ("tty:AMA0:pn532", "tty:/dev/ttyAMA0"),
        ("tty:USB0:pn532", "osdp:USB0:0"),
        ("osdp:/dev/serial/by-id/usb-A1:0", "tty:/dev/serial/by-id/usb-A1:pn532"),
    ],
)
def test_one_serial_port_under_two_names_is_refused(tmp_path: Path, first: str, second: str):
    assert "is already used by [readers." in refused(tmp_path, of_two(first, second))


@pytest.mark.parametrize("path", ["pcsc:", "pcsc: A", "pcsc:A\u3042", "pcsc:" + 101 * "A"])
def test_path_that_is_no_name_pcscd_gives_is_refused(tmp_path: Path, path: str):
    assert "[readers.front-in] path" in refused(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path))


def test_name_of_a_pcsc_reader_may_hold_spaces(tmp_path: Path):
    path = "pcsc:SONY FeliCa RC-S300/P (1234567) 00 00"
    config = load(write(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path)))
    assert config.readers["front-in"].path == path


@pytest.mark.parametrize("path", ["tty:pty:", "tty:pty:a/b", "tty:pty:A", "tty:pty:a:pn532"])
def test_virtual_port_needs_a_name_of_its_own(tmp_path: Path, path: str):
    assert "[readers.front-in] path" in refused(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path))


def test_virtual_pn532_without_demo_is_refused(tmp_path: Path):
    text = WHOLE.replace("demo = true", "demo = false").replace("udp:127.0.0.1:54321", "tty:pty:usb-1")
    assert "tty:pty: is a virtual reader" in refused(tmp_path, text)


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """As a dying card or a slip of the hand leaves it."""
    hurt = bytearray(raw)
    place = dice.randrange(len(hurt))
    match dice.randrange(6):
        case 0:  # a flipped bit
            hurt[place] ^= 1 << dice.randrange(8)
        case 1:  # cut short
            del hurt[place:]
        case 2:  # a block of zeros or of something else
            hurt[place : place + 64] = bytes(64) if dice.random() < 0.5 else dice.randbytes(64)
        case 3:  # a piece twice
            hurt[place:place] = hurt[: dice.randrange(len(hurt))]
        case 4:  # a line out of place
            lines = bytes(hurt).splitlines(keepends=True)
            dice.shuffle(lines)
            hurt = bytearray(b"".join(lines))
        case _:
            hurt = bytearray(dice.randbytes(dice.randrange(200)))
    return bytes(hurt)


def test_thousand_damaged_configurations_are_refused_for_the_good_one_or_valid_still(tmp_path: Path):
    """Never a traceback: anything but a Config would fail here."""
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    good = load(file)
    keep_as_last_good(good)
    dice, last_good = random.Random(8), 0
    for _ in range(1000):
        file.write_bytes(damaged(WHOLE.encode(), dice))
        config, problem = load_or_last_good(file)
        assert isinstance(config, Config) and config.data == tmp_path
        if problem is not None:
            last_good += 1
            assert config == good
            assert "genkan.toml" in problem
    assert 500 < last_good < 1000
