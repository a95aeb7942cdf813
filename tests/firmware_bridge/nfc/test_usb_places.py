import errno
import random
import shutil
from pathlib import Path

import pytest

from firmware_bridge.nfc.usb_places import bus_path


def plug(devices: Path, port: str, number: int, serial: str | None) -> None:
    place = devices / port
    place.mkdir(parents=True)
    (place / "busnum").write_text(f"{port.partition('-')[0]}\n")
    (place / "devnum").write_text(f"{number}\n")
    if serial is not None:
        (place / "serial").write_text(f"{serial}\n")


def test_port_and_serial_number_find_the_same_reader_in_twenty_shuffled_enumerations(tmp_path: Path) -> None:
    chance = random.Random(12)
    readers = {"1-1.1": "0371001", "1-1.2": "0371002", "2-1": "0371003", "1-1.4.3": "0371004"}
    for _ in range(20):
        shutil.rmtree(tmp_path / "devices", ignore_errors=True)
        numbers = chance.sample(range(2, 120), len(readers))
        for (port, serial), number in zip(readers.items(), numbers, strict=True):
            plug(tmp_path / "devices", port, number, serial)
        for (port, serial), number in zip(readers.items(), numbers, strict=True):
            expected = f"usb:00{port[0]}:{number:03}"
            assert bus_path(f"usb:port:{port}", tmp_path / "devices") == expected
            assert bus_path(f"usb:serial:{serial}", tmp_path / "devices") == expected


def test_reader_that_is_not_plugged_in_is_none(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", 4, None)
    (tmp_path / "1-1:1.0").mkdir()
    assert bus_path("usb:port:1-2", tmp_path) is None
    assert bus_path("usb:port:..", tmp_path) is None
    assert bus_path("usb:port:../1-1", tmp_path) is None
    assert bus_path("usb:serial:0371001", tmp_path) is None
    assert bus_path("usb:serial:0371001", tmp_path / "no-sysfs") is None


def test_serial_number_of_two_readers_is_refused(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", 4, "0000")
    plug(tmp_path, "1-2", 5, "0000")
    with pytest.raises(OSError) as failed:
        bus_path("usb:serial:0000", tmp_path)
    assert failed.value.errno == errno.EEXIST
    assert bus_path("usb:port:1-2", tmp_path) == "usb:001:005"


@pytest.mark.parametrize("path", ["usb:054c:06c3", "usb:001:004", "usb:054c", "usb:"])
def test_other_paths_are_nfcpys_own(path: str) -> None:
    assert bus_path(path) == path
