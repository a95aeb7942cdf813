"""A registry that no Genkan wrote keeps nobody inside, and those who may enter enter as before."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.signals import RexEnded, RexPressed
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
