"""The line "rights" of `genkan check`."""

import sqlite3
from pathlib import Path

from controller.services.found_rights import record_found
from controller.services.site import Site
from tests.controller.commands.command import genkan
from tests.controller.older_registry import EarlierRegistry
from tests.controller.runtime.decide_thread import OTHER
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded


def rights_line(site: Site) -> str:
    (line,) = [
        line for line in genkan("check", "--data", site.config.data).lines if line[6:].startswith("rights: ")
    ]
    return line


def test_rights_that_no_record_gives_are_named_with_the_remedy(site: Site):
    assert "does not hold all rights yet" in rights_line(site)
    admit(site, name="山田 花子")
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        assert rights_line(site).startswith("ok    rights: the registry gives nobody rights")
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1")
        line = rights_line(site)
        assert line.startswith("FAIL") and "1 (person 山田 花子)" in line and "genkan registry accept" in line


def test_replaced_registry_and_a_changed_table_of_rights_fail(site: Site, tmp_path: Path):
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        admit(site, name="佐藤 愛", number=OTHER)
        door.wait_for("operator_action", count=7)
    newest = EarlierRegistry(site, tmp_path / "newest")
    earlier.restore_files()
    assert "registry.db was replaced: it lacks changes" in rights_line(site)
    newest.restore_files()
    assert rights_line(site).startswith("ok")
    with sqlite3.connect(site.config.data / "journal" / "journal.db") as db:
        db.execute("DELETE FROM rights_in_force WHERE kind = 'b'")
    db.close()
    line = rights_line(site)
    assert line.startswith("FAIL") and "2 places (b:" in line
