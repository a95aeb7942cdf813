"""A lockdown outlives a registry that comes from a backup: what the log says of it counts."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.registry import lockdowns as rows
from controller.services.doors import alarms, lockdown
from controller.services.doors.lockdown import SITE
from controller.services.site import Site
from tests.controller.runtime.order_rows import give_unlock
from tests.controller.site import Door, admit, running_door
from tests.waiting import until


@pytest.fixture
def copied(site: Site, tmp_path: Path) -> Path:
    """The registry as it is before anything happens."""
    admit(site)
    return tmp_path / "earlier.db"


@contextlib.contextmanager
def from_earlier(site: Site, earlier: Path) -> Iterator[tuple[Site, Door]]:
    """Somebody put an older registry.db in place, and the door starts."""
    file = site.registry.file
    site.close()
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(earlier)) as db:
        db.execute("PRAGMA journal_mode = WAL")  # as the registry keeps it
    earlier.replace(file)
    again = Site.open(site.config, site.now)
    with again, running_door(again) as door:
        yield again, door


def in_the_log(door: Door, action: str) -> None:
    until(lambda: [one for one in door.log("operator_action") if one["action"] == action])


def test_lockdown_that_an_older_registry_does_not_know_stays_on_until_it_is_ended(
    site: Site, copied: Path
) -> None:
    site.registry.copy_into(copied)
    with running_door(site) as door:
        lockdown.begin(site.acting(MACHINE), SITE, "somebody shouted")
        in_the_log(door, "lockdown_begun")
    with from_earlier(site, copied) as (again, door):
        (doubt,) = door.wait_for("lockdown_doubtful")
        assert (doubt["area"], doubt["log_says"]) == (SITE, "begun")
        assert door.service.live_facts.facts.lockdowns == {SITE}
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "lockdown"
        (on,) = lockdown.in_force(again)
        assert (on.area, on.operator_name, on.reason) == (SITE, MACHINE.display_name, "somebody shouted")
        assert lockdown.locked_doors(again) == {"entrance"}
        assert "lockdown_doubtful" in [one.newest.type for one in alarms.open_alarms(again.acting(MACHINE))]
        lockdown.end(again.acting(MACHINE), SITE, "it was a film")
        assert lockdown.in_force(again) == []
        until(lambda: door.service.live_facts.facts.lockdowns == frozenset())
        door.present("entrance-in")
        door.wait_for("access_granted")
        assert len(door.log("lockdown_doubtful")) == 1


def test_lockdown_that_was_ended_after_the_older_registry_is_on_again_and_reported(
    site: Site, copied: Path
) -> None:
    lockdown.begin(site.acting(MACHINE), SITE, "somebody shouted")
    site.registry.copy_into(copied)
    with running_door(site) as door:
        lockdown.end(site.acting(MACHINE), SITE, "it was a film")
        in_the_log(door, "lockdown_ended")
    with from_earlier(site, copied) as (again, door):
        (doubt,) = door.wait_for("lockdown_doubtful")
        assert (doubt["area"], doubt["log_says"]) == (SITE, "ended")
        assert door.service.live_facts.facts.lockdowns == {SITE}
        lockdown.end(again.acting(MACHINE), SITE, "as before")
        until(lambda: door.service.live_facts.facts.lockdowns == frozenset())


def test_what_registry_and_log_both_know_is_not_a_doubt(site: Site) -> None:
    admit(site)
    lockdown.begin(site.acting(MACHINE), SITE, "drill")
    with running_door(site) as door:
        in_the_log(door, "lockdown_begun")
    with running_door(site) as door:
        until(lambda: door.service.live_facts.facts.lockdowns == {SITE})
        lockdown.end(site.acting(MACHINE), SITE, "over")
        until(lambda: door.service.live_facts.facts.lockdowns == frozenset())
        in_the_log(door, "lockdown_ended")
        beats = door.service.decide.beat
        until(lambda: door.service.decide.beat > beats + 3)
        assert door.log("lockdown_doubtful") == []


def test_order_sent_just_before_a_lockdown_is_not_carried_out(site: Site, door: Door) -> None:
    """The door sees both at the same time; the operator could not know."""
    with site.registry.write() as db:
        at = site.now()
        give_unlock(db, at)
        rows.begin(db, SITE, MACHINE, at.utc, "somebody shouted")
    (refused,) = door.wait_for("order_refused")
    assert refused["reason"] == "lockdown"
    assert door.log("lock_released") == []
    with site.registry.write() as db:
        at = site.now()
        give_unlock(db, at)
    door.wait_for("order_done")
    until(lambda: door.releases == 1, what="who knew of it may unlock all the same")
