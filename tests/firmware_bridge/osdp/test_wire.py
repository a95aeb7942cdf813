import os
import pty
import tty
from pathlib import Path

import pytest

from firmware_bridge.osdp import frames
from firmware_bridge.osdp.wire import Wire


@pytest.fixture
def port() -> tuple[int, str]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    return ours, os.ttyname(theirs)


def test_frames_come_over_a_port_and_what_came_before_is_flushed(port: tuple[int, str]) -> None:
    ours, path = port
    wire = Wire.open(path, 9600)
    said = frames.refusal(3, 1)
    os.write(ours, b"\xff" + said)
    wire.pump()
    assert wire.has_frame and not wire.is_silent
    found = wire.take()
    assert found is not None and found.raw == said
    os.write(ours, said + said[:4])
    wire.flush()
    assert wire.is_silent and wire.take() is None
    assert wire.send(b"abc") == 3 and os.read(ours, 9) == b"abc"
    wire.close()


def test_port_in_use_is_refused_with_what_to_do(port: tuple[int, str]) -> None:
    first = Wire.open(port[1], 115_200)
    with pytest.raises(OSError, match="is used by another program; stop that one"):
        Wire.open(port[1], 115_200)
    first.close()
    Wire.open(port[1], 115_200).close()


def test_port_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is not there; plug the adapter in"):
        Wire.open(str(tmp_path / "nothing"), 9600)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be opened as a serial port"):
        Wire.open(str(tmp_path / "file"), 9600)


def test_time_on_the_line_goes_by_its_speed(port: tuple[int, str]) -> None:
    wire = Wire.open(port[1], 9600)
    assert wire.seconds_for(24) == pytest.approx(0.025)
    wire.close()


def test_flood_is_bounded(port: tuple[int, str]) -> None:
    wire = Wire.open(port[1], 9600)
    for _ in range(50):
        os.write(port[0], frames.refusal(3, 1) * 10)
        wire.pump()
    count = 0
    while wire.take() is not None:
        count += 1
    assert count <= 16
    wire.close()
