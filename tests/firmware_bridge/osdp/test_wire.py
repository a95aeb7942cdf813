import os
import pty
import tty
from pathlib import Path

import pytest

from firmware_bridge.osdp import frames
from firmware_bridge.osdp.wire import Wire, why_not_open
from firmware_bridge.problems import ProblemCode


@pytest.fixture
def port() -> tuple[int, str]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    return ours, os.ttyname(theirs)


def test_frames_come_over_a_port_and_what_came_before_is_flushed(port: tuple[int, str]) -> None:
    ours, path = port
    wire = Wire.open(path, 9600)
    frame = frames.refusal(3, 1)
    os.write(ours, b"\xff" + frame)
    wire.pump()
    assert wire.has_frame and not wire.is_silent
    found = wire.next_frame()
    assert found is not None and found.raw == frame
    os.write(ours, frame + frame[:4])
    wire.flush()
    assert wire.is_silent and wire.next_frame() is None
    assert wire.send(b"abc") == 3 and os.read(ours, 9) == b"abc"
    wire.close()


def refusal_of(path: str) -> ProblemCode:
    with pytest.raises(OSError) as refused:
        Wire.open(path, 115_200)
    return why_not_open(refused.value)


def test_account_without_permission_is_refused() -> None:
    assert why_not_open(PermissionError(13, "denied")) is ProblemCode.LINE_NO_PERMISSION


def test_port_in_use_is_refused(port: tuple[int, str]) -> None:
    first = Wire.open(port[1], 115_200)
    assert refusal_of(port[1]) is ProblemCode.LINE_BUSY
    first.close()
    Wire.open(port[1], 115_200).close()


def test_path_without_a_serial_port_is_refused(tmp_path: Path) -> None:
    assert refusal_of(str(tmp_path / "nothing")) is ProblemCode.LINE_NOT_THERE
    (tmp_path / "file").touch()
    assert refusal_of(str(tmp_path / "file")) is ProblemCode.LINE_NOT_SERIAL


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
    while wire.next_frame() is not None:
        count += 1
    assert count <= 16
    wire.close()
