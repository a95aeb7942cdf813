"""The keeper of the registry's last good copy, with the time as an argument."""

import sqlite3
import threading
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from controller.errors import GenkanError
from controller.model.moment import Moment
from controller.model.orders import ActionType
from controller.registry.actions import record
from controller.registry.database import Registry
from controller.registry.lookup import Lookup, RegistryUnreadable
from controller.runtime.last_good import LastGood
from controller.runtime.limits import USUAL, Limits
from tests.controller.registry.samples import card_hash, fill
from tests.sample_site import NOW, later
from tests.waiting import until


@pytest.fixture
def registry(tmp_path: Path):
    registry = Registry.open(tmp_path / "registry.db")
    yield registry
    registry.close()


@pytest.fixture
def small() -> bool:
    """Whether the copies are small enough for the memory."""
    return True


@pytest.fixture
def kept(registry: Registry, tmp_path: Path, small: bool) -> LastGood:
    limits = USUAL if small else replace(USUAL, copy_in_memory_bytes=1000)
    file = tmp_path / "last_good" / "registry.db"
    return LastGood(partial(Lookup, registry.file), file, lambda: NOW, bool, limits)


def knows(kept: LastGood, card: int) -> bool:
    return kept.find(card_hash(card), "entrance-in")[0] is not None


def test_copy_is_created_at_the_start_and_after_a_change_at_most_once_a_minute(
    registry: Registry, kept: LastGood
):
    fill(registry, range(1))
    assert kept.poll(NOW)
    assert kept.copied_at() == NOW.utc and (kept.copied_version() or [None])[0] == registry.id()
    fill(registry, range(1, 2))
    soon = later(milliseconds=60_000 - 1)
    assert not kept.poll(soon)
    assert not knows(kept, 1)
    minute = later(milliseconds=60_000)
    assert kept.poll(minute)
    assert knows(kept, 1) and kept.copied_at() == minute.utc


def test_each_copy_is_reported_and_a_kept_one_after_a_restart(registry: Registry, kept: LastGood):
    reported: list[tuple[datetime, int]] = []
    kept.report = lambda created, version: reported.append((created, version))
    fill(registry, range(1))
    kept.poll(NOW)
    kept.poll(later(minutes=5))
    assert reported == [(NOW.utc, registry.version())]
    fill(registry, range(1, 2))
    kept.poll(later(minutes=10))
    assert reported[1:] == [(later(minutes=10).utc, registry.version())]
    kept.end()
    started = again(registry, kept)
    started.report = kept.report
    started.poll(later(minutes=20))
    assert reported[2:] == reported[1:2]


def test_copy_that_is_asked_for_is_created_at_the_next_poll(registry: Registry, kept: LastGood):
    assert kept.covers(registry.id(), 1), "there is none that holds anything"
    fill(registry, range(1))
    kept.poll(NOW)
    fill(registry, range(1, 2))
    with registry.read() as db:
        version = db.execute("SELECT registry_version FROM meta").fetchone()[0]
    soon = later(milliseconds=5)
    assert not kept.poll(soon)
    assert not kept.covers(registry.id(), version)
    assert kept.poll(soon)
    assert kept.covers(registry.id(), version) and not kept.covers("another", version)


BLOCKED = (
    ("badge", 0, "UPDATE credentials SET status = 'lost' WHERE id = ?"),
    ("person", 1, "UPDATE cardholders SET status = 'suspended' WHERE id = ?"),
    ("person", 2, "DELETE FROM cardholders WHERE id = ?"),  # erased
)


def block(registry: Registry) -> None:
    """As the services do: with a row of operator_actions."""
    with registry.write() as db:
        for kind, number, change in BLOCKED:
            id = f"{kind[0]}{number}"
            db.execute(change, (id,))
            record(db, None, NOW.utc, ActionType.PERSON_CHANGED, kind, id)


def statuses(kept: LastGood, card: int) -> tuple[str, str]:
    found = kept.find(card_hash(card), "entrance-in")[0]
    assert found is not None
    return found.credential.status, found.cardholder.status


def test_who_was_blocked_since_the_copy_is_blocked_a_second_later_without_a_new_copy(
    registry: Registry, kept: LastGood
):
    fill(registry, range(4))
    kept.poll(NOW)
    block(registry)
    assert not kept.poll(later(seconds=1))
    assert kept.copied_at() == NOW.utc
    registry.file.rename(registry.file.with_name("gone.db"))
    kept.poll(later(seconds=2))
    assert [statuses(kept, card) for card in range(4)] == [
        ("lost", "active"),
        ("active", "suspended"),
        ("active", "suspended"),
        ("active", "active"),
    ]


def test_badge_that_is_found_again_counts_again(registry: Registry, kept: LastGood):
    fill(registry, range(3))
    kept.poll(NOW)
    block(registry)
    kept.poll(later(seconds=1))
    with registry.write() as db:
        db.execute("UPDATE credentials SET status = 'active' WHERE id = 'b0'")
        record(db, None, NOW.utc, ActionType.BADGE_RESUMED, "badge", "b0")
    kept.poll(later(seconds=2))
    assert statuses(kept, 0) == ("active", "active")


class SlowDisk:
    """Each moment it is asked for comes later; while a copy is written somebody is blocked."""

    def __init__(self, registry: Registry, each_ms: int) -> None:
        self.registry, self.each_ms = registry, each_ms
        self.ms = 0
        self.rests: list[float] = []

    def now(self) -> Moment:
        self.ms += self.each_ms
        return later(milliseconds=self.ms)

    def wait(self, seconds: float) -> bool:
        """In place of a rest."""
        self.rests.append(seconds)
        self.ms += round(seconds * 1000)
        if len(self.rests) == 2:
            block(self.registry)
        return False


def kept_on(disk: SlowDisk, kept: LastGood) -> LastGood:
    kept._now = disk.now
    kept._pause = disk  # type: ignore[assignment]
    return kept


def test_who_is_blocked_while_a_copy_is_being_created_is_blocked_before_it_is_whole(
    registry: Registry, kept: LastGood
):
    fill(registry, range(4))
    kept.poll(NOW)
    fill(registry, range(4, 9000))
    disk = SlowDisk(registry, each_ms=100)
    during: list[str] = []
    wait = disk.wait
    disk.wait = lambda seconds: during.append(statuses(kept, 0)[0]) or wait(seconds)  # type: ignore[method-assign]
    assert kept_on(disk, kept).poll(later(minutes=2))
    assert during[0] == "active" and during[-1] == "lost", during
    assert statuses(kept, 0) == ("lost", "active") and knows(kept, 8999)


def test_rest_is_nine_times_what_the_disk_took_and_once_what_else_took_and_two_seconds_at_most(
    registry: Registry, kept: LastGood
):
    fill(registry, range(9000))
    quick, slow = SlowDisk(registry, each_ms=10), SlowDisk(registry, each_ms=60_000)
    kept_on(quick, kept).poll(NOW)
    assert min(quick.rests) == 0.1 and max(quick.rests) <= 0.3
    kept_on(slow, kept).poll(later(hours=1))
    assert max(slow.rests) == 2.0


def test_large_registry_is_copied_again_after_ten_times_what_writing_took(registry: Registry, kept: LastGood):
    """Rests do not count: with them, the copy of a million badges was 45 minutes old."""
    fill(registry, range(9000))
    disk = SlowDisk(registry, each_ms=1000)
    began = NOW.mono_ms
    kept_on(disk, kept).poll(NOW)
    steps = len(disk.rests)
    assert steps >= 3
    assert kept._next_ms - began <= 10 * 3000 * steps


def test_registry_that_did_not_change_is_not_copied_again(registry: Registry, kept: LastGood):
    assert kept.poll(NOW)
    with registry.housekeeping():
        pass  # a session was seen, for instance
    assert not kept.poll(later(hours=1))
    assert kept.copied_at() == NOW.utc


def again(registry: Registry, kept: LastGood, limits: Limits | None = None) -> LastGood:
    """The door's next process, with what the one before it left."""
    started = LastGood(partial(Lookup, registry.file), kept._file, lambda: NOW, bool, limits or kept._limits)
    started.begin()
    return started


@pytest.mark.parametrize("small", [True, False])
def test_sound_copy_of_the_process_before_is_not_created_again(registry: Registry, kept: LastGood):
    fill(registry, range(1))
    kept.poll(NOW)
    started = again(registry, kept)
    assert not started.poll(later(hours=1)) and knows(started, 0)
    assert started.covers(*(started.copied_version() or ("", 0)))
    assert started.copied_at() == NOW.utc and started.as_of() == later(hours=1).utc
    fill(registry, range(1, 2))
    assert started.poll(later(hours=2)) and knows(started, 1)


@pytest.mark.parametrize("small", [True, False])
def test_damaged_copy_of_the_process_before_is_created_again(registry: Registry, kept: LastGood):
    fill(registry, range(200))
    kept.poll(NOW)
    content = bytearray(kept._file.read_bytes())
    content[8192:12288] = bytes(4096)
    kept._file.write_bytes(content)
    started = again(registry, kept)
    assert started.poll(later(minutes=2))
    assert knows(started, 0) and knows(started, 199)


def test_copy_of_an_older_schema_is_created_again(registry: Registry, kept: LastGood):
    kept.poll(NOW)
    with sqlite3.connect(kept._file) as db:
        db.execute("UPDATE copy_made SET schema = 7")
    db.close()
    assert again(registry, kept).poll(later(minutes=2))


def test_change_after_a_quiet_hour_is_copied_at_the_next_poll(registry: Registry, kept: LastGood):
    kept.poll(NOW)
    assert not kept.poll(later(hours=1))
    fill(registry, range(1))
    assert kept.poll(later(hours=1, seconds=1))


def test_registry_that_cannot_be_read_leaves_the_copy_and_is_tried_again(registry: Registry, kept: LastGood):
    fill(registry, range(1))
    kept.poll(NOW)
    aside = registry.file.with_name("aside.db")
    registry.close()
    kept._fails(GenkanError("the disk"))  # its own connection is gone too
    registry.file.rename(aside)
    assert not kept.poll(later(minutes=5))
    assert knows(kept, 0)
    aside.rename(registry.file)
    again = Registry.open(registry.file)
    fill(again, range(1, 2))
    again.close()
    assert kept.poll(later(minutes=10))
    assert knows(kept, 1)


def test_restored_registry_is_copied_though_its_version_is_the_same(
    registry: Registry, kept: LastGood, tmp_path: Path
):
    kept.poll(NOW)
    Registry.open(tmp_path / "other.db").close()
    (tmp_path / "other.db").rename(registry.file)
    for beside in ("-wal", "-shm"):
        registry.file.with_name(registry.file.name + beside).unlink(missing_ok=True)
    before = kept.copied_version()
    assert kept.poll(later(minutes=2))
    assert kept.copied_version() != before


def test_without_any_copy_it_says_so(kept: LastGood):
    assert kept.copied_at() is None and kept.copied_version() is None
    with pytest.raises(RegistryUnreadable):
        kept.find(card_hash(0), "entrance-in")


def test_small_copy_outlives_the_folder_it_lies_in(registry: Registry, kept: LastGood, tmp_path: Path):
    fill(registry, range(1))
    kept.poll(NOW)
    (tmp_path / "last_good").rename(tmp_path / "gone")
    assert knows(kept, 0)


@pytest.mark.parametrize("small", [False])
def test_large_copy_is_read_from_its_file(registry: Registry, kept: LastGood):
    fill(registry, range(1))
    kept.poll(NOW)
    record, copy = kept.find(card_hash(0), "entrance-in")
    assert record is not None and not copy.in_memory
    assert again(registry, kept, USUAL).find(card_hash(0), "entrance-in")[1].in_memory


def test_thread_makes_the_first_copy_by_itself_and_ends_when_reported(registry: Registry, kept: LastGood):
    thread = threading.Thread(target=kept.run)
    thread.start()
    until(lambda: kept.beat)
    kept.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert kept.copied_at() == NOW.utc
