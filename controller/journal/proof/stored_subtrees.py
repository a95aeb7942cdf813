"""Stored subtrees save work; the writer checks them against signed roots, and unsigned ones against leaves.

Otherwise a flipped bit on the disk would make the next checkpoint sign a root that no records have, and every
verifier would call the log tampered with from then on.
"""

import contextlib
import logging
import sqlite3
from pathlib import Path

from controller.journal.proof.key_records import newest_checkpoint
from controller.journal.proof.merkle import LEVELS, Node, node_hash
from controller.journal.proof.note import Checkpoint, parse_checkpoint
from controller.journal.proof.tree import LeafMissing, Tree

log = logging.getLogger(__name__)

_CLEAR = "DELETE FROM nodes"
_STORE = "INSERT OR REPLACE INTO nodes (level, place, hash) VALUES (?, ?, ?)"
_DAMAGED = "%s: a stored subtree is damaged; rebuilding from the records: %s"


class StoredSubtrees:
    """The stored subtrees of one journal, for the life of its writer; service log lines name `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rebuild_can_help = (
            True  # if the leaves did not match once, don't delay the door by reading them again
        )

    def sound_tree(self, connection: sqlite3.Connection, size: int) -> Tree:
        """Return the tree of `size` records, after repairing damaged stored subtrees.

        If the stored subtrees don't give the newest signed root but the leaves do, rebuild all subtrees from
        the leaves. Check each subtree that no signed root covers against the level below, and repair it
        alone.

        An unreadable row does not keep the journal from opening: the tree then stays as it is stored.
        """
        tree, signed = Tree(connection), _newest_checkpoint(connection)
        if signed is not None and signed.size > size:
            return tree
        try:
            if signed is None or _leads_to(tree, signed):
                return self._repair_unsigned(connection, 0 if signed is None else signed.size, size)
            if not self._rebuild_can_help:
                return tree
            self._rebuild_can_help = False
            rebuilt = Tree(connection, stored=False)
            if not _leads_to(rebuilt, signed):
                return tree  # a record is damaged; the verifier names it
            log.error(_DAMAGED, self._file, "all subtrees")
            self._store(connection, _stored_nodes(rebuilt, size), replace_all=True)
            self._rebuild_can_help = True
        except LeafMissing:
            return Tree(connection)  # not the tree above: it may hold rows that were repaired since
        except sqlite3.Error as error:
            log.error("%s: cannot check the stored subtrees against the records (%s)", self._file, error)
            return Tree(connection)
        return rebuilt

    def _repair_unsigned(self, connection: sqlite3.Connection, signed: int, size: int) -> Tree:
        """Check the subtrees since the newest checkpoint, lowest first, each against the 256 rows below."""
        for level in LEVELS:
            tree = Tree(connection)
            wrong = [
                (level, place, hash)
                for place in range(signed >> level, size >> level)
                if (hash := _hash_children(tree, level, place)) != tree.node(level, place)
            ]
            if wrong:
                log.error(_DAMAGED, self._file, f"{len(wrong)} of level {level}")
                if not self._store(connection, wrong):
                    return Tree(connection, stored=False)
        return Tree(connection)

    def _store(self, connection: sqlite3.Connection, nodes: list[Node], replace_all: bool = False) -> bool:
        """Store the nodes, with `replace_all` in place of all others; return whether that worked."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            if replace_all:
                connection.execute(_CLEAR)
            connection.executemany(_STORE, nodes)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            log.error("%s: cannot store the subtrees (%s); the next start tries again", self._file, error)
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            return False
        return True


def _newest_checkpoint(connection: sqlite3.Connection) -> Checkpoint | None:
    note = newest_checkpoint(connection)
    try:
        return None if note is None else parse_checkpoint(note)
    except ValueError:
        return None


def _leads_to(tree: Tree, signed: Checkpoint) -> bool:
    try:
        return tree.root(signed.size) == signed.root
    except TypeError:  # a damaged row holds no hash
        return False


def _hash_children(tree: Tree, level: int, place: int) -> bytes:
    return node_hash(tree.node(level - 1, 2 * place), tree.node(level - 1, 2 * place + 1))


def _stored_nodes(tree: Tree, size: int) -> list[Node]:
    return [(level, place, tree.node(level, place)) for level in LEVELS for place in range(size >> level)]
