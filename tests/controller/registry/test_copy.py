"""The door's last good copy: one snapshot, whole, sound and durable, or the one before it."""

import sqlite3
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, GenkanError
from controller.registry.copy import load_copy, make_copy, open_copy
from controller.registry.database import Registry
from controller.registry.lookup import Lookup, RegistryUnreadable
from tests.controller.databases import make_newer
from tests.controller.registry.samples import UTC_NOW, card_hash, fill


@pytest.fixture
def lookup(registry: Registry):
    lookup = Lookup(registry.file)
    yield lookup
    lookup.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "last_good" / "registry.db"


def nothing() -> None:
    pass


@pytest.mark.parametrize("opened", [open_copy, load_copy])
def test_copy_answers_as_the_registry_did_and_says_when_it_was_created(
    registry: Registry, lookup: Lookup, file: Path, opened
):
    fill(registry, range(3))
    make_copy(lookup, file, UTC_NOW, nothing)
    fill(registry, range(3, 6))
    copy = opened(file)
    assert copy.find(card_hash(2), "entrance-in") == lookup.find(card_hash(2), "entrance-in")
    assert copy.find(card_hash(4), "entrance-in") is None
    assert (copy.created, copy.registry_id, copy.version) == (UTC_NOW, lookup.registry_id, lookup.version - 1)
    copy.close()
    assert [path.name for path in file.parent.iterdir()] == ["registry.db"]


def test_copy_in_memory_needs_its_file_no_more(registry: Registry, lookup: Lookup, file: Path):
    fill(registry, range(1))
    make_copy(lookup, file, UTC_NOW, nothing)
    copy = load_copy(file)
    file.write_bytes(b"x" * file.stat().st_size)
    assert copy.find(card_hash(0), "entrance-in") is not None


def test_writes_of_others_meanwhile_neither_stop_the_copy_nor_enter_it(
    registry: Registry, lookup: Lookup, file: Path
):
    """A backup without a read transaction restarts at each of them, and would never end."""
    fill(registry, range(5000))
    steps: list[int] = []

    def step() -> None:
        steps.append(len(steps))
        fill(registry, range(10_000 + len(steps), 10_001 + len(steps)))

    make_copy(lookup, file, UTC_NOW, step)
    assert 1 < len(steps) < 20
    copy = open_copy(file)
    assert copy.find(card_hash(4999), "entrance-in") is not None
    assert copy.find(card_hash(10_001), "entrance-in") is None
    copy.close()


def test_copying_that_is_stopped_leaves_the_copy_before_it(registry: Registry, lookup: Lookup, file: Path):
    fill(registry, range(3000))
    make_copy(lookup, file, UTC_NOW, nothing)
    before = file.read_bytes()
    fill(registry, range(3000, 6000))

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_copy(lookup, file, UTC_NOW, stop)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["registry.db"]
    make_copy(lookup, file, UTC_NOW, nothing)
    copy = open_copy(file)
    assert copy.find(card_hash(5999), "entrance-in") is not None
    copy.close()


def test_what_a_killed_door_left_of_a_copy_is_never_read(registry: Registry, lookup: Lookup, file: Path):
    file.parent.mkdir()
    for end in (".part", ".part-journal", ".part-wal"):
        file.with_suffix(end).write_bytes(b"half" * 1000)
    make_copy(lookup, file, UTC_NOW, nothing)
    open_copy(file).close()
    assert [path.name for path in file.parent.iterdir()] == ["registry.db"]


def test_damaged_registry_never_replaces_a_good_copy(registry: Registry, lookup: Lookup, file: Path):
    fill(registry, range(2000))
    make_copy(lookup, file, UTC_NOW, nothing)
    before = file.read_bytes()
    lookup.close()
    registry.close()
    page = 4096
    content = bytearray(registry.file.read_bytes())
    for place in range(len(content) // page // 2 * page, len(content), page):
        content[place : place + 64] = b"\xff" * 64
    registry.file.write_bytes(content)
    damaged = Lookup(registry.file)
    with pytest.raises(CorruptDatabase):
        make_copy(damaged, file, UTC_NOW, nothing)
    damaged.close()
    assert file.read_bytes() == before


@pytest.mark.parametrize("opened", [open_copy, load_copy])
@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda file: file.unlink(), RegistryUnreadable),
        (lambda file: file.write_bytes(b"x" * 8192), CorruptDatabase),
        (lambda file: file.write_bytes(b""), GenkanError),
    ],
)
def test_copy_that_cannot_be_read_says_so(
    registry: Registry, lookup: Lookup, file: Path, opened, spoil, error: type[Exception]
):
    make_copy(lookup, file, UTC_NOW, nothing)
    spoil(file)
    with pytest.raises(error):
        opened(file)


def test_copy_of_a_registry_that_became_newer_is_not_created(registry: Registry, lookup: Lookup, file: Path):
    make_copy(lookup, file, UTC_NOW, nothing)
    make_newer(registry.file)
    with pytest.raises(Exception, match="newer"):
        make_copy(lookup, file, UTC_NOW, nothing)
    open_copy(file).close()


def test_copy_without_its_time_is_as_old_as_can_be(registry: Registry, lookup: Lookup, file: Path):
    make_copy(lookup, file, UTC_NOW, nothing)
    db = sqlite3.connect(file)
    db.execute("UPDATE copy_made SET utc = 'noon'")
    db.commit()
    db.close()
    copy = open_copy(file)
    assert copy.created.year == 1970
    copy.close()


def test_what_was_deleted_is_nowhere_in_the_copy(registry: Registry, lookup: Lookup, file: Path):
    fill(registry, range(200))
    with registry.write() as db:
        db.execute("UPDATE cardholders SET name = 'erased-name' WHERE id = 'p7'")
    with registry.write() as db:
        db.execute("DELETE FROM cardholders")
    make_copy(lookup, file, UTC_NOW, nothing)
    assert b"erased-name" not in file.read_bytes()
