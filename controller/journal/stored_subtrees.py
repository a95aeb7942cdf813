"""The stored subtrees save work, and are never believed against what was signed.

A disk that turned a bit over in one of them would otherwise have the next checkpoint sign a root that no
records have, and every verifier call the log tampered with from then on.
"""

import contextlib
import logging
import sqlite3
from pathlib import Path

from controller.journal.key_records import newest_checkpoint
from controller.journal.merkle import LEVELS
from controller.journal.note import Checkpoint, parse_checkpoint
from controller.journal.tree import LeafMissing, Tree

log = logging.getLogger(__name__)

_STORE = "INSERT INTO nodes (level, place, hash) VALUES (?, ?, ?)"


def sound_tree(connection: sqlite3.Connection, file: Path, size: int) -> Tree:
    """The tree of `size` records. Where the subtrees do not lead to the newest signed root and the leaves do,
    it is the one of the leaves, and the subtrees are stored anew; `file` is named in the service log.
    """
    tree, signed = Tree(connection), _newest(connection)
    if signed is None or signed.size > size:
        return tree
    try:
        if _leads_to(tree, signed):
            return tree
        anew = Tree(connection, stored=False)
        if not _leads_to(anew, signed):
            return tree  # a record is damaged, and the verifier names it
        log.error("%s: a stored subtree is damaged; all are made anew from the records", file)
        _store(connection, file, anew, size)
    except LeafMissing:
        return tree
    return anew


def _newest(connection: sqlite3.Connection) -> Checkpoint | None:
    note = newest_checkpoint(connection)
    try:
        return None if note is None else parse_checkpoint(note)
    except ValueError:
        return None


def _leads_to(tree: Tree, signed: Checkpoint) -> bool:
    try:
        return tree.root(signed.size) == signed.root
    except TypeError:  # no hash any more
        return False


def _store(connection: sqlite3.Connection, file: Path, tree: Tree, size: int) -> None:
    nodes = [(level, place, tree.node(level, place)) for level in LEVELS for place in range(size >> level)]
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM nodes")
        connection.executemany(_STORE, nodes)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        log.error("%s: the subtrees cannot be stored (%s); the next start tries again", file, error)
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
