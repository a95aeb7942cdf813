import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.pn532_files import port_file
from firmware_bridge.simulator.pn532_frames import ACK, information
from firmware_bridge.simulator.pn532_port import Port
from tests.firmware_bridge.pn532_rig import Rig, pn532
from tests.waiting import until

HOME = Path(__file__).parents[3]
VERSION = bytes(10) + information(b"\xd4\x02")
ANSWER = ACK + information(b"\xd5\x03\x32\x01\x06\x07")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with pn532(tmp_path / "pn532-x") as rig:
        yield rig


def test_chip_answers_at_its_own_speed_and_hears_nothing_at_another(tmp_path: Path) -> None:
    port = Port(tmp_path / "pn532-x")
    line = serial.Serial(str(tmp_path / "pn532-x"), 9600, timeout=0)
    line.write(VERSION)
    for _ in range(3):
        port.step()
    line.baudrate = 115_200
    line.write(VERSION)
    heard = b""

    def answered() -> bool:
        nonlocal heard
        port.step()
        heard += line.read(100)
        return len(heard) >= len(ANSWER)

    until(answered)
    assert heard == ANSWER
    line.close()
    port.close()


def test_anyone_who_holds_the_port_open_hears_of_its_end(rig: Rig) -> None:
    line = os.open(rig.file, os.O_RDWR | os.O_NOCTTY)
    rig.unplug()

    def has_ended() -> bool:
        try:
            return os.write(line, VERSION) == 0
        except OSError:
            return True

    until(has_ended, what="the end of the port")  # its name is gone first
    os.close(line)


def test_unplugged_chip_forgets_and_its_cards_stay(rig: Rig) -> None:
    card = FelicaFace("0101031284C0FFEE")
    rig.chip.field.add(card)
    rig.chip.field.is_on, rig.chip.speed = True, 921_600
    rig.unplug()
    assert not os.path.lexists(rig.file)
    rig.plug()
    assert (rig.chip.field.is_on, rig.chip.speed) == (False, 115_200)
    assert rig.chip.field.exchange("212F", bytes.fromhex("0600FFFF0000")) is not None


@pytest.mark.process
def test_program_ends_with_anyone_who_started_it_and_takes_its_port_along(tmp_path: Path) -> None:
    starter = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-m', "
        "'firmware_bridge.simulator.pn532_port', '--folder', sys.argv[1], '--name', 'x', '--reader', 'r']); "
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", starter, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=HOME) as parent:
        until(port_file(tmp_path, "x").exists)
        assert parent.stdin is not None
        parent.stdin.close()
        until(lambda: not os.path.lexists(port_file(tmp_path, "x")))
