"""The whole registry beside the rights in force, and these beside the records: at the start, each night."""

import sqlite3

import pytest

from controller.model.operators import MACHINE
from controller.services.found_rights import record_found
from controller.services.people import people
from controller.services.site import Site
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded

A_NIGHT = 24 * 60 * 60


@pytest.fixture(autouse=True)
def recorded(site: Site) -> None:
    admit(site)
    record_found(site, site.now())


def edit(site: Site, change: str) -> None:
    with unrecorded(site.registry) as db:
        db.execute(change)


def test_edited_registry_is_an_alarm_at_the_start_once_until_it_agrees_again(site: Site):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        door.pass_time(2)
        assert not door.log("rights_differ")
    edit(site, "UPDATE cardholders SET overrides = 1")
    for _ in range(2):
        with running_door(site) as door:
            (alarm,) = door.wait_for("rights_differ")
            assert alarm["alarm"] == 1 and alarm["where"] == "registry" and alarm["subjects_count"] == 1
            assert alarm["subjects"].startswith("p:")
            door.pass_time(2)
    edit(site, "UPDATE cardholders SET overrides = 0")
    with running_door(site) as door:
        assert door.wait_for("rights_agree")[0]["where"] == "registry"
        assert len(door.log("rights_differ")) == 1


def test_registry_edited_by_day_is_an_alarm_in_the_night(site: Site):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        door.pass_time(2)
        edit(site, "DELETE FROM schedule_windows")
        edit(site, "UPDATE schedules SET name = 'Other'")
        door.clock.pass_time(A_NIGHT * 1000)
        door.pass_time(2)
        (alarm,) = door.log("rights_differ")
        assert alarm["subjects"].startswith("s:")


def test_change_that_the_log_has_yet_to_record_is_not_an_alarm(site: Site):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    people.add(site.acting(MACHINE), "後から 来た")
    with running_door(site) as door:
        door.wait_for("operator_action", count=5)
        door.pass_time(120)
        assert not door.log("rights_differ")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rights_in_force SET digest = zeroblob(16) WHERE kind = 'b'",
        "DELETE FROM rights_in_force WHERE kind = 'b'",
        "INSERT INTO rights_in_force VALUES ('b', 'x', zeroblob(16), 3)",
        "UPDATE rights_in_force SET seq = 1 WHERE kind = 'b'",
    ],
)
def test_changed_table_of_rights_is_an_alarm_that_no_registry_explains(site: Site, change: str):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    with sqlite3.connect(site.config.data / "journal" / "journal.db") as db:
        db.execute(change)
    db.close()
    with running_door(site) as door:
        door.wait_for("rights_differ")
        places = [alarm["where"] for alarm in door.log("rights_differ")]
        assert "log" in places
