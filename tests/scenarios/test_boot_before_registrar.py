"""A door that boots before its registrar, as another user: it knows the newest change, without an alarm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.journal.state import read as read_state
from controller.services.data_folder.layout import Owner
from tests.controller.commands.command import genkan as in_this_process
from tests.scenarios.demo import SAMPLE
from tests.scenarios.test_hostile_registries import LoneDoor
from tests.scenarios.three_users import folder_of_three_users, run_as
from tests.waiting import until

_CHANGE = """
import os, sys
from pathlib import Path
from controller.config import load
from controller.model.operators import MACHINE
from controller.runtime.clock import Clock
from controller.services.people import badges
from controller.services.site import Site

with Site.open(load(Path(sys.argv[1]) / "genkan.toml"), Clock().now) as site:
    badge = badges.find_by_number(site.acting(MACHINE), sys.argv[2])
    getattr(badges, sys.argv[3])(site.acting(MACHINE), badge.id)
    if sys.argv[4] == "killed":
        os._exit(0)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with folder_of_three_users(release_time="1.0") as data:
        yield data


def change(data: Path, what: str, end: str) -> None:
    """As the registrar does it, which then ends or is killed."""
    answer = run_as(Owner.REGISTRAR, _CHANGE, str(data), SAMPLE, what, end)
    assert answer.returncode == 0, answer.stderr


def stopped(data: Path, what: str) -> None:
    change(data, what, "stopped")
    assert not (data / "registry" / "registry.db-wal").exists()


def killed(data: Path, what: str) -> None:
    change(data, what, "killed")
    assert (data / "registry" / "registry.db-wal").stat().st_size


def killed_without_shm(data: Path, what: str) -> None:
    killed(data, what)
    (data / "registry" / "registry.db-shm").unlink()


def test_door_reads_the_newest_commit_in_any_state_that_its_registrar_left(data: Path) -> None:
    for leave, what in ((stopped, "suspend"), (killed, "resume"), (killed_without_shm, "suspend")):
        leave(data, what)
        before = {path.name: path.stat().st_mtime_ns for path in (data / "registry").iterdir()}
        door = LoneDoor(data)
        try:
            expected = "denied: credential_suspended" if what == "suspend" else "granted"
            until(
                lambda answer=expected: answer_of_a_tap(data) == answer, what=f"{leave.__name__}: {expected}"
            )
            assert read_state(data / "journal").registry == "ok"
        finally:
            door.stop()
        after = {path.name: path.stat().st_mtime_ns for path in (data / "registry").iterdir()}
        assert after == before, "the door writes nothing there"
    alarms = in_this_process("alarms", "list", "--data", data).text
    assert "registry" not in alarms and "list of badges" not in alarms, alarms


def answer_of_a_tap(data: Path) -> str:
    return in_this_process("tap", "--reader", "entrance-in", "--idm", SAMPLE, "--data", data).text.strip()
