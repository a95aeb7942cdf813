"""A registry that no Genkan wrote keeps nobody inside, and those who may enter enter as before."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.signals import RexEnded, RexPressed
from controller.services.people import people
from controller.services.site import Site
from tests.controller.runtime.hostile_registries import UNREADABLE, Spoil
from tests.controller.runtime.test_damage_at_the_door import kept, registry_of
from tests.controller.site import Door, admit, running_door
from tests.waiting import until


@pytest.fixture
def ready(site: Site) -> Iterator[Site]:
    admit(site)
    yield site


def leaves(door: Door) -> None:
    """By card and by button, each within 300 ms of the machine's own time."""
    for press, end in (
        (lambda: door.present("entrance-out"), lambda: None),
        (
            lambda: door.service.drive.post(RexPressed("entrance")),
            lambda: door.service.drive.post(RexEnded("entrance")),
        ),
    ):
        released, began = door.releases, time.monotonic()
        press()
        door.turns.settle()
        assert door.releases == released + 1
        assert time.monotonic() - began < 0.3
        end()
        door.pass_time(6)


def enters_from_the_copy(door: Door) -> None:
    granted = len(door.log("access_granted"))
    began = time.monotonic()
    door.present("entrance-in")
    door.turns.settle()
    assert time.monotonic() - began < 1
    records = door.wait_for("access_granted", count=granted + 1)
    assert records[-1]["registry_copy"] == 1
    door.pass_time(6)


def restore_file(good: bytes, file: Path) -> None:
    aside = file.with_name("good")
    aside.write_bytes(good)
    aside.rename(file)


def test_four_erasures_that_another_program_inserts_erase_no_name_of_the_log(ready: Site) -> None:
    """Also not after the longest waiting time; taps go on."""
    others = [people.add(ready.acting(MACHINE), f"名前 {number}").id for number in range(3)]
    with running_door(ready) as door:
        door.wait_for("operator_action", count=6)
        ready.registry.close()
        with sqlite3.connect(registry_of(ready)) as db:
            (holder,) = db.execute("SELECT cardholder_id FROM credentials").fetchone()
            badges, card = json.dumps(["x"]), json.dumps(["ff" * 32])
            for one in (holder, *others):
                db.execute(
                    "INSERT INTO erasures (person, badges, card_hashes, actions_before, asked_utc,"
                    " operator_id, operator_name, reason)"
                    " VALUES (?, ?, ?, 1, '2026-11-01T00:00:00.000Z', 'x', 'Admin', 'left')",
                    (one, badges, card),
                )
            db.execute("UPDATE meta SET registry_version = registry_version + 1")
        door.pass_time(120)
        (alarm,) = door.wait_for("erasure_refused")
        assert (alarm["reason"], alarm["erasures"], alarm["alarm"]) == ("not_carried_out", 4, 1)
        assert door.log("person_erased") == []
        named = [line for line in door.log("operator_action") if line.get("action") == "person_added"]
        assert len(named) == 4 and all(line["details"]["after"]["name"] for line in named)
        door.present("entrance-in")
        door.wait_for("access_granted")


@pytest.mark.parametrize("name", UNREADABLE)
def test_hostile_registry_is_unreadable_and_the_copy_decides(ready: Site, name: str) -> None:
    spoil: Spoil = UNREADABLE[name]
    file = registry_of(ready)
    with running_door(ready) as door:
        kept(door)
        ready.registry.close()
        good = file.read_bytes()
        spoil(file)
        door.pass_time(2)
        door.wait_for("registry_unreadable")
        leaves(door)
        enters_from_the_copy(door)
    with running_door(ready) as door:
        leaves(door)
        enters_from_the_copy(door)
        until(lambda: len(door.log("registry_unreadable")) == 2)
        for end in ("-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        restore_file(good, file)
        door.pass_time(2)
        assert len(door.log("registry_readable")) == 1
