"""What an auditor checks of keys and checkpoints, written from the contract and not from our verifier."""

import json
from pathlib import Path
from typing import Any

from controller.journal.proof.note import VerifierKey, is_signed_by, parse_checkpoint
from controller.journal.proof.tree import Tree
from controller.journal.query import JournalReader

_KEYS = ("log_started", "log_key_added", "log_restored")


def key_bodies(folder: Path) -> list[dict[str, Any]]:
    with JournalReader(folder / "journal.db") as reader, reader.snapshot() as connection:
        bodies = [json.loads(row[0]) for row in connection.execute("SELECT body FROM events ORDER BY seq")]
    return [body for body in bodies if body["type"] in _KEYS]


def checked_chain(folder: Path) -> list[tuple[int, int]]:
    """Assert that each checkpoint is signed by the key in force at its place and has the log's own root;
    return (size, number of the key) of each. `folder` holds journal.db.
    """
    keys = key_bodies(folder)
    found: list[tuple[int, int]] = []
    with JournalReader(folder / "journal.db") as reader, reader.snapshot() as connection:
        notes = connection.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
        tree = Tree(connection)
        current: dict[str, Any] | None = None
        for size, note in notes:
            fresh = [key for key in keys if (current is None or key["seq"] > current["seq"])]
            covered = [key for key in fresh if key["seq"] <= size]
            signer = current
            if covered and (covered[-1]["type"] != "log_key_added" or covered[-1]["cause"] == "lost"):
                signer = covered[-1]
            assert signer is not None
            checkpoint = parse_checkpoint(note)
            assert checkpoint.size == size and checkpoint.origin == signer["origin"]
            assert is_signed_by(note, VerifierKey.parse(signer["key"])), (size, signer["key_number"])
            assert checkpoint.root == tree.root(size)
            assert f"genkan-key {signer['key_number']}" in checkpoint.extensions
            found.append((size, signer["key_number"]))
            current = covered[-1] if covered else current
    return found


def key_in_force(folder: Path) -> str | None:
    """The name of its private file; None before the first."""
    keys = key_bodies(folder)
    with JournalReader(folder / "journal.db") as reader, reader.snapshot() as connection:
        sizes = [row[0] for row in connection.execute("SELECT size FROM checkpoints ORDER BY size")]
    current: dict[str, Any] | None = None
    for key in keys:
        if key["type"] != "log_key_added" or any(size >= key["seq"] for size in sizes):
            current = key
    if current is None:
        return None
    return f"log-{current['key_number']}-{VerifierKey.parse(current['key']).id.hex()}.key"
