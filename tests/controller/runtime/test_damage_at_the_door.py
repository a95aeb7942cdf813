"""A running door whose registry or configuration is damaged, newer, gone, or lies on a card pulled out."""

import contextlib
import fcntl
import os
import sqlite3
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.config import LAST_GOOD, load_or_last_good
from controller.model.operators import MACHINE
from controller.model.signals import RexPressed
from controller.services.doors import lockdown
from controller.services.people import badges
from controller.services.site import Site
from tests.controller.databases import make_newer
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.waiting import until

_SHUTDOWN, _WITHOUT_LOG = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN and its flag: nothing reaches the disk any more


def registry_of(site: Site) -> Path:
    return site.config.data / "registry" / "registry.db"


def kept(door: Door) -> None:
    """The keeper has copied the registry as it is now."""
    with door.site.registry.read() as db:
        version = db.execute("SELECT registry_version FROM meta").fetchone()[0]
    until(lambda: door.service.last_good._copied == (door.site.registry.id(), version))


def corrupt(file: Path) -> None:
    """Bit rot on every page, in place, as the file is open."""
    with file.open("r+b") as pages:
        pages.write(b"\xa5" * file.stat().st_size)
    wal = file.with_name(file.name + "-wal")
    if wal.exists():
        with wal.open("r+b") as pages:
            pages.write(b"\xa5" * wal.stat().st_size)


def replace_by_newer(file: Path) -> None:
    make_newer(file)


def replace_by_rubbish(file: Path) -> None:
    aside = file.with_name("rubbish")
    aside.write_bytes(b"x" * 8192)
    aside.rename(file)
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)


def replace_by_folder(file: Path) -> None:
    file.rename(file.with_name("aside"))
    file.mkdir()


DAMAGE = [corrupt, replace_by_newer, replace_by_rubbish, replace_by_folder]


def test_badge_lost_after_the_copy_is_refused_seconds_later_when_the_registry_is_gone(site: Site):
    badge = admit(site)
    with running_door(site) as door:
        kept(door)
        copied = door.service.last_good.copied_at()
        badges.report_lost(site.acting(MACHINE), badge, "left in the train")
        door.pass_time(2)
        replace_by_rubbish(registry_of(site))
        door.wait_for("registry_unreadable")
        door.present("entrance-in")
        (denied,) = door.wait_for("access_denied")
        assert (denied["reason"], door.releases) == ("credential_lost", 0)
        assert door.service.last_good.copied_at() == copied


@pytest.mark.parametrize("damage", [corrupt, replace_by_newer, replace_by_rubbish])
def test_registry_damaged_while_the_door_runs_is_decided_from_the_copy(
    site: Site, damage: Callable[[Path], None]
):
    admit(site)
    suspended = STRANGER
    lost = admit(site, suspended, "鈴木 一郎")
    badges.suspend(site.acting(MACHINE), lost)
    began = site.now()
    with running_door(site) as door:
        kept(door)
        damage(registry_of(site))
        taps = 0

        def alarms() -> object:
            nonlocal taps
            taps += 1
            door.present("entrance-in")
            return door.wait_for("access_granted", count=taps) and door.log("registry_unreadable")

        until(alarms)  # what the connection holds of an open file may answer for a while
        door.present("entrance-in")
        granted = door.wait_for("access_granted", count=taps + 1)[-1]
        assert granted["registry_copy"] == 1
        assert granted["person"] == "山田 花子"
        door.present("entrance-in", suspended)
        refused = door.wait_for("access_denied")[-1]
        assert (refused["reason"], refused["registry_copy"]) == ("credential_suspended", 1)
        door.present("entrance-out")
        left = door.wait_for("access_granted", count=taps + 2)[-1]
        assert left["direction"] == "out"
        events = door.log("registry_unreadable")
        assert len(events) == 1
        assert door.service.state.now.registry == "last_good"
        assert 0 <= events[0]["copy_age_ms"] <= site.now().mono_ms - began.mono_ms


def test_older_copy_ends_no_lockdown(site: Site):
    admit(site)
    with running_door(site) as door:
        kept(door)
        floor = door.service.live_facts
        lockdown.begin(site.acting(MACHINE), lockdown.SITE, "a stranger inside")
        until(lambda: lockdown.SITE in floor.facts.lockdowns)
        replace_by_newer(registry_of(site))
        until(lambda: door.service.state.now.registry == "last_good")
        door.present("entrance-in")
        refused = door.wait_for("access_denied")[-1]
        assert (refused["reason"], refused["registry_copy"]) == ("lockdown", 1)
        door.present("entrance-out")
        assert door.wait_for("access_granted")[-1]["direction"] == "out"


def test_lockdown_holds_after_a_start_from_the_copy(site: Site):
    admit(site)
    with running_door(site) as door:
        kept(door)
        lockdown.begin(site.acting(MACHINE), lockdown.SITE, "a stranger inside")
        kept(door)
    replace_by_newer(registry_of(site))
    with running_door(site) as door:
        door.present("entrance-in")
        assert door.wait_for("access_denied")[-1]["reason"] == "lockdown"


@pytest.mark.parametrize("damage", DAMAGE)
def test_door_starts_on_its_copy_when_the_registry_cannot_be_read(site: Site, damage: Callable[[Path], None]):
    admit(site)
    with running_door(site) as door:
        kept(door)
    site.registry.close()
    damage(registry_of(site))
    with running_door(site) as door:
        door.wait_for("registry_unreadable", count=1)
        door.present("entrance-in")
        assert door.wait_for("access_granted")[0]["registry_copy"] == 1
        until(lambda: door.releases == 1)
        door.present("entrance-in", STRANGER)
        assert door.wait_for("access_denied")[0]["registry_copy"] == 1
        assert len(door.log("registry_unreadable")) == 1


def test_door_without_a_copy_lets_people_out_where_the_registry_just_cannot_be_opened(site: Site):
    site.registry.close()
    replace_by_folder(registry_of(site))
    with running_door(site) as door:
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        door.wait_for("registry_unreadable")


@pytest.mark.parametrize("damage", [corrupt, replace_by_newer, replace_by_rubbish])
def test_door_without_a_copy_admits_nobody_on_such_a_registry_and_lets_everybody_out(
    site: Site, damage: Callable[[Path], None]
):
    admit(site)
    site.registry.close()
    damage(registry_of(site))
    with running_door(site) as door:
        alarm = door.wait_for("registry_unreadable")[0]
        assert "copy_age_ms" not in alarm
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "registry_unavailable"
        door.present("entrance-out")
        until(lambda: door.releases == 1)


@pytest.mark.parametrize("removed", ["registry/registry.db", "registry"])
def test_registry_removed_under_a_running_door_is_an_alarm_and_the_copy_decides_until_it_is_back(
    site: Site, tmp_path: Path, removed: str
):
    admit(site)
    path, aside = site.config.data / removed, tmp_path / "aside"
    with running_door(site) as door:
        kept(door)
        site.registry.close()
        path.rename(aside)
        door.pass_time(2)
        (alarm,) = door.wait_for("registry_unreadable")
        assert (alarm["alarm"], door.service.state.now.registry) == (1, "last_good")
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        door.present("entrance-in")
        assert door.wait_for("access_granted", count=2)[-1]["registry_copy"] == 1
        door.pass_time(60)
        assert len(door.log("registry_unreadable")) == 1
    with running_door(site) as door:
        door.wait_for("registry_unreadable", count=2)
        door.present("entrance-in")
        assert door.wait_for("access_granted", count=3)[-1]["registry_copy"] == 1
        aside.rename(path)
        door.pass_time(2)
        door.wait_for("registry_readable")
        door.pass_time(6)
        door.present("entrance-in")
        assert "registry_copy" not in door.wait_for("access_granted", count=4)[-1]


def test_registry_that_can_be_read_again_is_used_and_reported(site: Site):
    admit(site)
    with running_door(site) as door:
        kept(door)
    aside = registry_of(site).with_name("aside.db")
    site.registry.close()
    registry_of(site).rename(aside)
    with running_door(site) as door:
        door.wait_for("registry_unreadable")
        aside.rename(registry_of(site))
        door.wait_for("registry_readable")
        assert door.service.state.now.registry == "ok"
        door.present("entrance-in")
        assert door.wait_for("access_granted")[-1].get("registry_copy") is None


def test_one_damaged_page_is_reported_once_however_often_somebody_taps_on_it(site: Site):
    """The rest of the file can be read: it must not count as readable after each tap."""
    admit(site)
    with running_door(site) as door:
        kept(door)
    site.registry.close()
    db = sqlite3.connect(registry_of(site))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'cardholders'").fetchone()[0]
    db.close()
    content = bytearray(registry_of(site).read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    registry_of(site).write_bytes(content)
    with running_door(site) as door:
        for count in range(1, 4):
            door.present("entrance-in")
            door.wait_for("access_granted", count=count)
            beat = door.service.decide.ticks
            until(lambda beat=beat: door.service.decide.ticks > beat + 25)  # it tried to open it again
        assert len(door.log("registry_unreadable")) == 1
        assert not door.log("registry_readable")


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of its own, as on the card of a Pi; needs root and loop devices."""
    image, folder = tmp_path / "card.img", tmp_path / "card"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    for words in (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, folder]):
        try:
            subprocess.run(words, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("needs a mount: a card to pull out needs root, loop devices and e2fsprogs")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def pull_out(card: Path) -> None:
    """Every read and write fails with EIO from now on, of files that are open, too."""
    folder = os.open(card, os.O_RDONLY)
    fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
    os.close(folder)


@contextlib.contextmanager
def door_on_card(site: Site) -> Iterator[Door]:
    """The simulator's own socket is on the card; a failure to remove it at the end is harmless."""
    stack = contextlib.ExitStack()
    door = Door(site, stack)
    try:
        yield door
    finally:
        for end in (door.service.stop, stack.close):
            with contextlib.suppress(OSError):
                end()


@pytest.mark.process
@pytest.mark.parametrize("policy", ["refuse", "remember"])
def test_card_pulled_out_leaves_the_list_in_memory_and_the_exits(card: Path, policy: str):
    site = make_site(card / "data", f'[doors.entrance]\nwhen_journal_fails = "{policy}"\n')
    admit(site)
    with door_on_card(site) as door:
        kept(door)
        site.close()
        indications = door.service.readers["entrance-in"].indications
        pull_out(card)
        with pytest.raises(OSError, match="Input/output"):
            registry_of(site).read_bytes()
        door.present("entrance-in")
        if policy == "remember":
            until(lambda: door.releases == 1)
        else:
            until(lambda: "refused" in indications)
            assert door.releases == 0
        record, copy = door.service.last_good.find(door.service.taps.hash_number(BADGE), "entrance-in")
        assert record is not None and copy.in_memory
        until(lambda: door.service.state.now.registry == "last_good")
        assert door.service.state.now.registry_copy_utc == copy.created
        until(lambda: door.level == 0)
        before = door.releases
        door.present("entrance-out", STRANGER)
        until(lambda: door.releases == before + 1)
        until(lambda: door.level == 0)
        door.service.drive.post(RexPressed("entrance"))
        until(lambda: door.releases == before + 2)
    assert door.service.supervision.died is None


def test_door_on_the_last_good_configuration_says_so_and_is_secured(site: Site):
    admit(site)
    with running_door(site):
        until((site.config.data / LAST_GOOD).is_file)
    file = site.config.data / "genkan.toml"
    file.write_bytes(file.read_bytes().replace(b"lock_pin = 17", b"lock_pin = 1\x007"))
    config, problem = load_or_last_good(file)
    assert problem is not None
    with running_door(Site(config, site.registry, site.journal, site.key, site.now), problem=problem) as door:
        assert door.level == 0
        record = door.wait_for("config_damaged")[0]
        line = file.read_bytes().partition(b"\x00")[0].count(b"\n") + 1
        assert record["details"] == {"problem": "not_toml", "line": line}
        assert door.service.state.now.config_problem == "not_toml"
        assert door.service.state.now.config_problem_fields == {"line": line}
        door.present("entrance-in")
        granted = door.wait_for("access_granted")[0]
        assert granted["seq"] > record["seq"]
    assert (site.config.data / LAST_GOOD).read_bytes() != file.read_bytes()
