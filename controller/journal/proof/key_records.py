"""The log's key records (`log_started`, `log_key_added`, `log_restored`) and what put each key into force."""

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from controller.journal.proof.note import VerifierKey
from controller.model.events import EventType

STARTS = frozenset({EventType.LOG_STARTED, EventType.LOG_RESTORED})
_RECORDS = (
    "SELECT seq, body FROM events INDEXED BY key_records "
    "WHERE type IN ('log_started', 'log_key_added', 'log_restored') ORDER BY seq"
)
_COVERING = "SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size LIMIT 1"
_NEWEST = "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1"


@dataclass(frozen=True)
class LogKey:
    """`key` is a vkey. `note` is the checkpoint that put the key into force.

    `note` is None for the first key of an origin, which needs none, for a key superseded before a checkpoint
    covered it, and for a key that no checkpoint covers yet.
    """

    seq: int
    body: str
    type: str
    origin: str
    key: str
    number: int
    cause: str | None
    boot: str
    mono_ms: int
    note: str | None = None

    @property
    def starts_log(self) -> bool:
        return self.type in STARTS

    @property
    def verifier_key(self) -> VerifierKey:
        return VerifierKey.parse(self.key)


def log_keys(connection: sqlite3.Connection) -> list[LogKey]:
    """Return all keys in order of number. Checks no signature; that is the verifier's job."""
    found = [_log_key(seq, body) for seq, body in connection.execute(_RECORDS)]
    keys: list[LogKey] = []
    for place, key in enumerate(found):
        covering = None if key.starts_log else covering_checkpoint(connection, key.seq)
        if covering is not None:
            after = found[place + 1] if place + 1 < len(found) else None
            # If one checkpoint covers several keys, only the newest takes effect.
            if after is None or after.seq > covering[0]:
                key = replace(key, note=covering[1])
        keys.append(key)
    return keys


def covering_checkpoint(connection: sqlite3.Connection, seq: int) -> tuple[int, str] | None:
    """Return size and note of the oldest checkpoint that covers record `seq`."""
    row: tuple[int, str] | None = connection.execute(_COVERING, (seq,)).fetchone()
    return row


def newest_checkpoint(connection: sqlite3.Connection) -> str | None:
    row = connection.execute(_NEWEST).fetchone()
    return None if row is None else str(row[0])


def _log_key(seq: int, body: str) -> LogKey:
    fields: dict[str, Any] = json.loads(body)
    return LogKey(
        seq=seq,
        body=body,
        type=fields["type"],
        origin=fields["origin"],
        key=fields["key"],
        number=fields["key_number"],
        cause=fields.get("cause"),
        boot=fields["boot"],
        mono_ms=fields["mono_ms"],
    )
