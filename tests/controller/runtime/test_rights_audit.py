"""The whole registry beside the rights in force, and these beside the records: at the start, each night."""

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.model.operators import MACHINE
from controller.registry.lookup import Lookup
from controller.runtime import rights_audit
from controller.runtime.copy_actions import ActionCopier
from controller.runtime.rights_audit import RightsAudit
from controller.services.found_rights import record_found
from controller.services.people import people
from controller.services.site import Site
from tests.controller.older_registry import EarlierRegistry
from tests.controller.runtime.decide_thread import OTHER
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


def test_person_that_nobody_can_read_is_an_alarm_and_hides_no_other(site: Site):
    other = admit(site, OTHER, "Second Person")
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=7)
        door.pass_time(2)
        edit(site, "UPDATE cardholders SET category = CAST(x'ff' AS TEXT) WHERE name = 'Second Person'")
        edit(site, "UPDATE cardholders SET overrides = 1 WHERE name <> 'Second Person'")
        edit(site, f"UPDATE credentials SET status = 'lost' WHERE id = '{other}'")
        edit(site, "INSERT INTO access_levels (id, name) VALUES (CAST(x'ff' AS TEXT), 'Nobody')")
        door.clock.pass_time(A_NIGHT * 1000)
        door.pass_time(2)
        (alarm,) = [line for line in door.log("rights_differ") if line["where"] == "registry"]
        assert alarm["subjects_count"] == 3 and f"b:{other}" in alarm["subjects"]


def test_whole_registry_is_compared_once_a_rollback_ends(site: Site, tmp_path: Path):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        door.pass_time(2)
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        people.add(site.acting(MACHINE), "後から 来た")
        door.pass_time(2)
        newest = EarlierRegistry(site, tmp_path / "newest")
        earlier.restore_files()
        door.pass_time(2)
        newest.restore_files()
        edit(site, "UPDATE cardholders SET overrides = 1 WHERE name <> '後から 来た'")
        door.wait_for("registry_rollback_ended")
        door.pass_time(2)
        assert len(door.log("rights_differ")) == 1


def test_more_that_differs_than_is_compared_twice_never_agrees(site: Site, monkeypatch: pytest.MonkeyPatch):
    """Two people differ; only one is compared again, and the log gets the change of that one meanwhile."""
    monkeypatch.setattr(rights_audit, "_TESTED_AGAIN", 1)
    person, other = sorted(one.id for one in (people.add(site.acting(MACHINE), name) for name in "AB"))
    with Journal.open(site.config.data / "journal" / "journal.db", "") as journal:
        open_lookup = partial(Lookup, site.registry.file)
        copier = ActionCopier(open_lookup, lambda: site.key, site.now)

        def copy() -> None:
            while copier(journal):
                pass

        class LogCatchesUp(Lookup):
            def refresh(self) -> None:
                super().refresh()
                copy()

        copy()
        opened = LogCatchesUp(site.registry.file)
        edit(site, f"UPDATE cardholders SET overrides = 1 WHERE id = '{other}'")
        people.suspend(site.acting(MACHINE), person)
        audit = RightsAudit(lambda: opened, site.config.site.time_zone, site.now)
        for _ in range(200):
            audit(journal)
        assert journal.newest_type("rights:registry") is None and audit._done is None
        audit = RightsAudit(open_lookup, site.config.site.time_zone, site.now)
        for _ in range(200):
            audit(journal)
        assert journal.newest_codes("rights:registry")["subjects"] == f"p:{other}"
