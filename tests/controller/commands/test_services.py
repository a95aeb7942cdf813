"""`genkan door`, `registrar` and `web` that refuse to start: status 1, one sentence, before any pin."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from controller.journal.door_lock import DoorLock
from tests.controller.commands.command import genkan, refused, sentence
from tests.controller.databases import make_newer
from tests.ports import free_port


def service(name: str, data: Path) -> str:
    """What it said. The others set the priority, or the signals, of their whole process."""
    if name == "door":
        return refused(genkan("door", "--config", data / "genkan.toml"))
    words = [sys.executable, "-m", "controller.main", name, "--config", str(data / "genkan.toml")]
    port = ("--port", str(free_port())) if name == "web" else ()
    ran = subprocess.run([*words, *port], capture_output=True, timeout=120, check=False)
    assert ran.returncode == 1
    return sentence(ran.stderr.decode())


@pytest.mark.process
@pytest.mark.parametrize("how", [make_newer, lambda file: file.write_bytes(b"x" * 8192)])
def test_registry_newer_or_corrupt_stops_the_registrar(data: Path, how):
    how(data / "registry" / "registry.db")
    assert "registry.db" in service("registrar", data)


@pytest.mark.process
@pytest.mark.parametrize("name", ["door", "registrar", "web"])
@pytest.mark.parametrize(
    ("line", "becomes", "why"),
    [("lock_pin", "lokc_pin", "did you mean lock_pin?"), ("rex_pin = 22", "rex_pin = 17", "pin 17")],
)
def test_bad_configuration_stops_it(data: Path, name: str, line: str, becomes: str, why: str):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace(line, becomes, 1), "utf-8")
    assert why in service(name, data)


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("door", "genkan.toml"),
        ("registrar", "genkan.toml"),
        ("registrar", "keys/shared/card_number.key"),
        ("web", "genkan.toml"),
    ],
)
def test_folder_not_set_up_stops_it(data: Path, name: str, missing: str):
    (data / missing).unlink()
    assert missing.split("/")[-1] in service(name, data)


def test_second_door_on_the_folder_is_refused(data: Path):
    lock = DoorLock.acquire(data / "journal")
    try:
        assert "another door process" in service("door", data)
    finally:
        lock.release()


@pytest.mark.process
def test_port_in_use_stops_the_web(data: Path):
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        words = [sys.executable, "-m", "controller.main", "web", "--config", str(data / "genkan.toml")]
        ran = subprocess.run([*words, "--port", str(port)], capture_output=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert str(port) in sentence(ran.stderr.decode())
