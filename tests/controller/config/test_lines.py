"""Readers that share a device, may swap places or can't share a line are refused."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError
from tests.controller.config.texts import WHOLE, of_two, refused, write


def test_one_path_for_two_readers_is_refused(tmp_path: Path):
    second = '[readers.other]\naccess_point = "front-in"\npath = "udp:127.0.0.1:54321"\n'
    assert "already used by [readers.front-in]" in refused(tmp_path, WHOLE + second)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("osdp:USB0:0", "osdp:USB0:1:9600", "give all readers of a line one speed"),
        ("osdp:USB0:0", "osdp:/dev/ttyUSB0:0", "address 0 on /dev/ttyUSB0 is already used by"),
    ],
)
def test_readers_of_one_line_that_cannot_be_distinguished_are_refused(
    tmp_path: Path, first: str, second: str, message: str
):
    text = WHOLE.replace("udp:127.0.0.1:54321", first)
    with pytest.raises(ConfigError, match=message):
        load(write(tmp_path, text + f'[readers.other]\naccess_point = "front-in"\npath = "{second}"\n'))


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
def test_readers_that_are_distinguished_for_ever_are_read(tmp_path: Path, first: str, second: str):
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
