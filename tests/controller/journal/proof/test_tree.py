"""The tree on the disk against the one in memory."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.proof.canonical import leaf_hash
from controller.journal.proof.merkle import Frontier, inclusion_proof, verify_inclusion, whole_subtrees
from controller.journal.proof.tree import LeafMissing, Tree
from controller.journal.query import JournalReader
from tests.controller.journal.samples import grant, journal_in, raw

SIZE = 3000


def stored(size: int, without_nodes: bool = False) -> tuple[sqlite3.Connection, list[bytes]]:
    """Tables as they are, every third record of the first thousand past its retention."""
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    connection = sqlite3.connect(":memory:")
    for table in ("events", "removed"):
        connection.execute(f"CREATE TABLE {table} (seq INTEGER PRIMARY KEY, leaf BLOB)")
    connection.execute("CREATE TABLE nodes (level, place, hash, PRIMARY KEY (level, place))")
    for number, leaf in enumerate(leaves):
        table = "removed" if number < 1000 and number % 3 else "events"
        connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (number + 1, leaf))
    if not without_nodes:
        connection.executemany("INSERT INTO nodes VALUES (?, ?, ?)", whole_subtrees(leaves))
    return connection, leaves


def frontier_of(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier


@pytest.mark.parametrize("without_nodes", [False, True])
def test_frontier_at_any_size_is_the_one_that_grew(without_nodes: bool) -> None:
    connection, leaves = stored(SIZE, without_nodes)
    for size in (0, 1, 255, 256, 257, 1000, 1024, 2047, SIZE):
        grown = frontier_of(leaves[:size])
        found = Tree(connection).frontier(size)
        assert (found.size, found.peaks) == (size, grown.peaks)
        assert Tree(connection).root(size) == grown.root()


CONNECTION, LEAVES = stored(SIZE)
TREE = Tree(CONNECTION)


@given(st.integers(1, SIZE), st.data())
def test_proofs_from_the_disk_hold(size: int, data: st.DataObject) -> None:
    """One tree for all of them, so that what it keeps between calls is tried as well."""
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, TREE.node)
    assert verify_inclusion(index, size, LEAVES[index], proof, TREE.root(size))


def test_levels_above_the_first_stored_one_are_those_of_the_leaves() -> None:
    size = 65536 + 256
    connection, leaves = stored(size)
    connection.execute("DELETE FROM events WHERE seq <= 65536")
    connection.execute("DELETE FROM removed")
    tree = Tree(connection)
    assert tree.frontier(size).peaks == frontier_of(leaves).peaks
    assert tree.node(15, 1) == frontier_of(leaves[32768:65536]).root()


def test_missing_leaf_is_named() -> None:
    connection, _ = stored(300, without_nodes=True)
    connection.execute("DELETE FROM events WHERE seq = 7")
    with pytest.raises(LeafMissing, match="record 7 "):
        Tree(connection).root(300)
    assert Tree(connection).node(2, 0)


def test_writer_stores_each_whole_subtree_beside_its_last_record(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for _ in range(3):
            journal.append([grant() for _ in range(200)])
    with journal_in(tmp_path) as journal:
        journal.append([grant() for _ in range(200)])
    with raw(tmp_path) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM events ORDER BY seq")]
        nodes = connection.execute("SELECT level, place, hash FROM nodes ORDER BY place").fetchall()
    assert nodes == list(whole_subtrees(leaves))
    with JournalReader(tmp_path / "journal.db") as reader, reader.snapshot() as connection:
        assert Tree(connection).root(800) == frontier_of(leaves).root()
