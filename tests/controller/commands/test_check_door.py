"""The line "door" of `genkan check`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.registry.card_hash import key_file
from controller.services.site import Site
from tests.controller.commands.command import genkan
from tests.controller.site import make_site, running_door
from tests.controller.step_door import StepClock


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "data", clock=StepClock()) as site:
        yield site


def door_line(site: Site) -> str:
    answer = genkan("check", "--data", site.config.data)
    (line,) = [line for line in answer.lines if line[6:].startswith("door: ")]
    return line


def test_log_key_that_was_lost_fails(site: Site) -> None:
    with running_door(site) as door:
        door.pass_time(2)
        assert door_line(site) == "ok    door: running, and finds nothing wrong"
    keys = list((site.config.data / "keys" / "door").glob("log-*.key"))
    assert keys
    for key in keys:
        key.unlink()
    with running_door(site) as door:
        door.pass_time(2)
        door.wait_for("log_key_problem")
        line = door_line(site)
    assert line.startswith("FAIL") and "key that signs the log was lost" in line


def test_unacknowledged_alarms_are_counted(site: Site) -> None:
    key = key_file(site.config.data / "keys")
    aside = key.with_name("aside")
    key.rename(aside)
    with running_door(site) as door:
        door.pass_time(2)
        line = door_line(site)
        assert line.startswith("FAIL") and "refuses every badge on the way in" in line
        aside.rename(key)
        door.pass_time(2)
        door.wait_for("card_number_key_readable")
        line = door_line(site)
    assert line == "ok    door: running, with 1 unacknowledged alarm; see the page “Alarms”"
