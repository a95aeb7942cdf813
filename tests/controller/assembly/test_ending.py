"""The end of the door service: what stops after what, and what stays open while a thread uses it."""

import contextlib
from pathlib import Path

import pytest

from controller.config import load
from controller.runtime.clock import Clock
from controller.services.site import Site
from tests.controller.site import CONFIG, Door
from tests.waiting import until


def test_files_closed_without_a_stop_end_the_threads_first(site: Site):
    with contextlib.ExitStack() as stack:
        door = Door(site, stack)
        door.present("entrance-out")
    assert door.service.supervision.running == [] == door.service.still_running
    assert door.log("service_stopped")


def test_reader_that_stops_slowly_leaves_no_log_unclosed(site: Site):
    """It ends only after the last record is written."""
    with contextlib.ExitStack() as stack:
        door = Door(site, stack)
        supervision = door.service.supervision
        door.service.readers["entrance-in"].stop = lambda: until(  # type: ignore[method-assign]
            lambda: "record" not in supervision.running
        )
    assert door.service.still_running == []
    assert not (site.config.data / "journal" / "journal.db-wal").exists()


def test_thread_of_a_reader_that_still_hangs_leaves_the_files_open(site: Site):
    with contextlib.ExitStack() as stack:
        service = Door(site, stack).service
        reader = service.readers["entrance-in"]
        reader.hanging_threads = ["reader-entrance-in"]  # type: ignore[misc]
    assert service.still_running == ["reader-entrance-in"]
    wal = site.config.data / "journal" / "journal.db-wal"
    assert wal.exists()
    reader.hanging_threads = []  # type: ignore[misc]
    service._close()
    assert not wal.exists()


LOCK = """
lock_reader = "entrance-in"
"""
LOBBY = """
[readers.lobby]
access_point = "entrance-in"
path = "udp:127.0.0.1:3"
"""


@pytest.mark.process  # the virtual line
def test_reader_that_carries_a_lock_and_its_line_stop_after_the_exits(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    config = (
        CONFIG.replace("lock_pin = 17\n", "")
        .replace("rex_releases = true\n", "")
        .replace("[doors.entrance]\n", "[doors.entrance]" + LOCK)
    )
    for number in (1, 2):
        config = config.replace(f"udp:127.0.0.1:{number}", f"osdp:pty:line-1:{number}")
    (data / "genkan.toml").write_text(config + LOBBY, "utf-8")
    Site.init(load(data / "genkan.toml"))
    exits: dict[str, bool] = {}
    with Site.open(load(data / "genkan.toml"), Clock().now) as site, contextlib.ExitStack() as stack:
        door = Door(site, stack)
        for name, reader in door.service.readers.items():
            reader.stop = lambda name=name: exits.update(  # type: ignore[method-assign]
                {name: "drive" in door.service.supervision.running}
            )
    assert exits == {"entrance-in": False, "entrance-out": False, "lobby": True}
