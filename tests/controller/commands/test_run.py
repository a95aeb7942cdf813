"""`genkan run` where it refuses to start; a running one is in tests/scenarios."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from controller.journal.door_lock import DoorLock
from tests.controller.commands.command import genkan, refused, unchanged
from tests.ports import free_port


def run(data: Path, *more: str):
    """Not at the port that a demo of somebody's may have."""
    port = () if "--port" in more else ("--port", str(free_port()))
    return genkan("run", "--data", data, *more, *port)


def real(data: Path) -> Path:
    """The folder, set up for real hardware."""
    file = data / "genkan.toml"
    lines = file.read_text("utf-8").split("[readers.")[0]
    file.write_text(lines.replace("demo = true", "demo = false"), "utf-8")
    return data


def test_folder_never_set_up_is_refused_with_both_ways_to_make_one(tmp_path: Path):
    with unchanged(tmp_path):
        refusal = refused(run(tmp_path / "data"))
    assert f"genkan init --data {tmp_path / 'data'}" in refusal
    assert "genkan run --demo" in refusal


def test_demo_on_a_folder_for_real_hardware_is_refused_and_changes_nothing(data: Path):
    real(data)
    with unchanged(data):
        assert "real hardware" in refused(run(data, "--demo"))


@pytest.mark.parametrize("place", ["file", "file/data", "/proc/genkan"])
def test_demo_where_no_folder_can_be_created_is_refused(tmp_path: Path, place: str):
    (tmp_path / "file").write_text("mine")
    with unchanged(tmp_path):
        assert place in refused(run(tmp_path / place, "--demo"))


@pytest.mark.parametrize("new", [True, False])
def test_port_in_use_is_refused_before_anything_is_created(data: Path, tmp_path: Path, new: bool):
    with socket.create_server(("127.0.0.1", 0)) as occupied, unchanged(tmp_path):
        port = str(occupied.getsockname()[1])
        refusal = refused(run(tmp_path / "new" if new else data, "--demo", "--port", port))
        assert f"Port {port} is in use" in refusal
    assert not (tmp_path / "new").exists()


def test_second_run_on_a_folder_is_refused(data: Path):
    lock = DoorLock.acquire(data / "journal")
    try:
        with unchanged(data):
            assert "Another door process" in refused(run(data, "--demo"))
    finally:
        lock.release()


def test_misspelt_key_is_named(data: Path):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("fire_pin", "fier_pin"), "utf-8")
    with unchanged(data):
        assert "did you mean fire_pin?" in refused(run(data, "--demo"))


@pytest.mark.process
def test_service_that_does_not_start_ends_the_other_and_says_so(data: Path):
    """The key for TLS is not there: only the web service itself finds out."""
    file = data / "genkan.toml"
    tls = '[web]\ntls_certificate = "no.pem"\ntls_key = "no.key"\n'
    file.write_text(file.read_text("utf-8") + tls, "utf-8")
    port = str(free_port())
    words = [sys.executable, "-m", "controller.main", "run", "--data", str(data), "--port", port]
    ran = subprocess.run(words, capture_output=True, timeout=120, check=False)
    refusal = ran.stderr.decode()
    assert ran.returncode == 1
    assert "Traceback" not in refusal
    assert "The web service did not start; its own message is above." in refusal
    assert "no.pem" in refusal
