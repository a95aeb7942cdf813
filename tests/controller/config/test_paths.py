"""The forms of a reader's path."""

from pathlib import Path

import pytest

from controller.config import OsdpPath, load
from controller.errors import ConfigError
from tests.controller.config.texts import WHOLE, refused, write


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


@pytest.mark.parametrize("path", ["pcsc:", "pcsc: A", "pcsc:A\u3042", "pcsc:" + 101 * "A"])
def test_path_that_is_not_a_name_pcscd_gives_is_refused(tmp_path: Path, path: str):
    assert "[readers.front-in] path" in refused(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path))


def test_name_of_a_pcsc_reader_may_hold_spaces(tmp_path: Path):
    path = "pcsc:SONY FeliCa RC-S300/P (1234567) 00 00"
    config = load(write(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path)))
    assert config.readers["front-in"].path == path


@pytest.mark.parametrize("path", ["tty:pty:", "tty:pty:a/b", "tty:pty:A", "tty:pty:a:pn532"])
def test_virtual_port_needs_a_name_of_its_own(tmp_path: Path, path: str):
    assert "[readers.front-in] path" in refused(tmp_path, WHOLE.replace("udp:127.0.0.1:54321", path))
