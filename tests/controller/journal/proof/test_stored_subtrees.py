"""A bit turned over in what only saves work costs nothing but the work."""

import sqlite3
from pathlib import Path
from typing import cast

import pytest

from controller.journal.proof.merkle import whole_subtrees
from controller.journal.proof.stored_subtrees import StoredSubtrees
from controller.journal.proof.tree import Tree
from controller.journal.seal import CheckpointCause
from deploy.verify import genkan_verify
from tests.controller.journal.proof.test_tree import frontier_of, stored
from tests.controller.journal.samples import grant, raw
from tests.controller.journal.years import BEGAN, moment, years

SIZE = 1100


def a_log(data: Path) -> None:
    with years(data) as log:
        log.start()
        for _ in range(SIZE // 50):
            log.journal.append([grant(moment=moment(BEGAN))] * 50)
            log.seal(BEGAN)


def go_on(data: Path) -> None:
    with years(data) as log:
        log.append(grant(moment=moment(BEGAN)))
        log.sealing.seal(moment(BEGAN), CheckpointCause.STOP)


def verdict(data: Path) -> str:
    return genkan_verify.answer(data=data).sentence


def nodes(data: Path) -> list[tuple[int, int, bytes]]:
    with raw(data / "journal") as connection:
        return connection.execute("SELECT level, place, hash FROM nodes ORDER BY level, place").fetchall()


@pytest.mark.parametrize("hash", ["randomblob(32)", "x''"])
@pytest.mark.parametrize("place", [0, 3])
def test_damaged_subtree_is_created_again_and_what_is_signed_next_is_right(
    tmp_path: Path, place: int, hash: str, caplog: pytest.LogCaptureFixture
) -> None:
    a_log(tmp_path)
    were = nodes(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute(f"UPDATE nodes SET hash = {hash} WHERE level = 8 AND place = ?", (place,))
    go_on(tmp_path)
    assert verdict(tmp_path).startswith("OK: ")
    assert nodes(tmp_path) == were
    assert "a stored subtree is damaged" in caplog.text


@pytest.mark.parametrize("signed_first", [True, False])
@pytest.mark.parametrize("place", [3, 4])
def test_damaged_subtree_that_nothing_signed_covers_yet_is_never_signed(
    tmp_path: Path, place: int, signed_first: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with years(tmp_path) as log:
        log.start()
        log.journal.append([grant(moment=moment(BEGAN))] * (1000 if signed_first else 1))
        log.seal(BEGAN)
        log.journal.append([grant(moment=moment(BEGAN))] * (1300 - log.journal.newest_seq))
    were = nodes(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute("UPDATE nodes SET hash = randomblob(32) WHERE level = 8 AND place = ?", (place,))
    go_on(tmp_path)
    assert verdict(tmp_path).startswith("OK: ")
    assert nodes(tmp_path) == were
    assert "a stored subtree is damaged; rebuilding from the records: 1 of level 8" in caplog.text


def test_subtree_of_subtrees_that_nothing_signed_covers_yet_is_created_from_those_that_are_sound() -> None:
    size = 65536 + 300
    connection, leaves = stored(size)
    connection.execute("CREATE TABLE checkpoints (size, note)")
    connection.isolation_level = None
    connection.execute("UPDATE nodes SET hash = randomblob(32) WHERE place = 0")
    tree = StoredSubtrees(Path("journal.db")).sound_tree(connection, size)
    assert tree.frontier(size).peaks == frontier_of(leaves).peaks
    found = connection.execute("SELECT level, place, hash FROM nodes")
    assert sorted(found) == sorted(whole_subtrees(leaves))


class Worn:
    """A connection to a disk on which the leaves 256 to 511 cannot be read; it counts who tries."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.tried = 0

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if "FROM events" in sql and values == (256, 512):
            self.tried += 1
            raise sqlite3.DatabaseError("database disk image is malformed")
        return self._connection.execute(sql, values)


def test_page_that_cannot_be_read_does_not_keep_a_log_with_a_damaged_subtree_from_opening(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole log is read once for it, not again at each opening."""
    a_log(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute("UPDATE nodes SET hash = randomblob(32) WHERE level = 8 AND place = 0")
        worn, subtrees = Worn(connection), StoredSubtrees(Path("journal.db"))
        size = connection.execute("SELECT max(seq) FROM events").fetchone()[0]
        as_stored = Tree(connection).frontier(size).peaks
        for _ in range(3):
            tree = subtrees.sound_tree(cast(sqlite3.Connection, worn), size)
            assert tree.frontier(size).peaks == as_stored
    assert worn.tried == 1
    assert (
        "cannot check the stored subtrees against the records (database disk image is malformed)"
        in caplog.text
    )


def test_damaged_record_is_named_and_its_subtree_stays_as_it_was_signed(tmp_path: Path) -> None:
    a_log(tmp_path)
    were = nodes(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("UPDATE events SET leaf = randomblob(32) WHERE seq = 300")
    go_on(tmp_path)
    assert verdict(tmp_path) == "Tampered: record 300 does not match its hash."
    assert nodes(tmp_path) == were


def test_sound_log_is_left_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    a_log(tmp_path)
    go_on(tmp_path)
    assert verdict(tmp_path).startswith("OK: ")
    assert caplog.text == ""
