import os
import random
import threading
from pathlib import Path

import pytest

from firmware_bridge.simulator import cable, osdp_control
from firmware_bridge.simulator.lossy_line import PERFECT
from firmware_bridge.simulator.osdp_line import SimulatedLine


def line(folder: Path) -> SimulatedLine:
    return SimulatedLine(folder, "l", [("a", 0), ("b", 1)], PERFECT, random.Random(1))


def test_port_leads_to_the_terminal_and_is_renewed(tmp_path: Path) -> None:
    first, second = line(tmp_path), line(tmp_path)
    assert first.port != second.port
    assert str(osdp_control.port_file(tmp_path, "l").readlink()) == second.port
    first.close()
    second.close()


def test_noise_on_the_line_is_heard_and_answered_by_nobody(tmp_path: Path) -> None:
    virtual = line(tmp_path)
    port = os.open(virtual.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(port, random.Random(1).randbytes(500))
    for _ in range(20):
        virtual.step()
    with pytest.raises(BlockingIOError):
        os.read(port, 1)
    os.close(port)
    virtual.close()


def test_cable_and_screws_are_flags_in_the_folder(tmp_path: Path) -> None:
    virtual = line(tmp_path)
    cable.unplug(tmp_path, "a")
    cable.tamper_flag(tmp_path, "b").touch()
    virtual._checked_at = -1.0
    virtual.step()
    assert virtual._plugged == {"a": False, "b": True}
    assert (virtual.readers["a"].tamper, virtual.readers["b"].tamper) == (False, True)
    virtual.close()


def test_hand_without_a_line_is_reported_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No virtual line l answers"):
        osdp_control.present(tmp_path, "l", "a", 26, b"\0\0\0\0")


def test_nonsense_from_the_line_is_the_same_sentence(tmp_path: Path) -> None:
    import socket

    listener = socket.socket(socket.AF_UNIX)
    with osdp_control.socket_path(tmp_path, "l") as path:
        listener.bind(path)
    listener.listen(1)

    def answer() -> None:
        caller, _ = listener.accept()
        caller.sendall(b"\xff\n")
        caller.close()

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(OSError, match="No virtual line l answers"):
        osdp_control.present(tmp_path, "l", "a", 26, b"\0\0\0\0")
    thread.join()
    listener.close()
