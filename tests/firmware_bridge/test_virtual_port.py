"""The link to a virtual port, and whose terminal it leads to."""

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge import virtual_port
from firmware_bridge.nfc import serial_port
from firmware_bridge.osdp.wire import Wire
from firmware_bridge.simulator import osdp_control, pn532_files


@pytest.fixture
def slave() -> Iterator[int]:
    master, slave = pty.openpty()
    yield slave
    os.close(master)
    os.close(slave)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "simulator"
    folder.mkdir()
    return osdp_control.port_file(folder, "x")


def test_published_port_is_ours_and_one_that_was_withdrawn_is_not_there(file: Path, slave: int) -> None:
    virtual_port.publish(file, slave)
    assert not virtual_port.is_astray(str(file))
    Wire.open(str(file), 115_200).close()
    virtual_port.withdraw(file)
    virtual_port.withdraw(file)
    assert not file.is_symlink()


def test_link_left_behind_does_not_open_the_terminal_of_somebody_else(file: Path, slave: int) -> None:
    """The state after a killed simulator, when another terminal has its number."""
    file.symlink_to(os.ttyname(slave))
    assert virtual_port.is_astray(str(file))
    with pytest.raises(FileNotFoundError):
        Wire.open(str(file), 115_200)
    chip = pn532_files.port_file(file.parent, "x")
    chip.symlink_to(os.ttyname(slave))
    assert serial_port.open_reader(f"tty:{chip}:pn532") is None


@pytest.mark.parametrize("name", ["ttyRemote", "osdp-entrance", "pn532-entrance", "simulator"])
def test_link_of_a_serial_server_is_a_port_like_any_other(tmp_path: Path, slave: int, name: str) -> None:
    """As `socat pty,link=…` makes it, for a line behind the network; its terminal bears no mark."""
    link = tmp_path / name
    link.symlink_to(os.ttyname(slave))
    Wire.open(str(link), 9600).close()
    assert serial_port._ports(f"tty:{link}:pn532") == ([os.ttyname(slave)], "pn532")


def test_link_left_behind_is_replaced_by_the_next_to_publish(file: Path, slave: int) -> None:
    file.symlink_to("/dev/pts/99999")
    assert not virtual_port.is_astray(str(file))  # it leads nowhere
    virtual_port.publish(file, slave)
    assert file.readlink() == Path(os.ttyname(slave))


def test_port_named_itself_and_a_link_to_a_real_port_are_as_they_are(file: Path, slave: int) -> None:
    assert not virtual_port.is_astray(os.ttyname(slave))
    file.symlink_to("/dev/null")
    assert not virtual_port.is_astray(str(file))
