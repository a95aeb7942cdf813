"""`rights_in_force`: of each subject the newest digest on record, and the number of that record.

Derived from the records: each `rights` of an operator_action or rights_recorded, in order.
"""

import contextlib
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

from controller.journal.writing import Statement
from controller.model.recorded_rights import SubjectDigest, SubjectKind

_SAVE = (
    "INSERT INTO rights_in_force (kind, id, digest, seq) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, id) DO UPDATE SET digest = excluded.digest, seq = excluded.seq"
)
_REMOVE = "DELETE FROM rights_in_force WHERE kind = ? AND id = ?"
_ONE = "SELECT digest, seq FROM rights_in_force WHERE kind = ? AND id = ?"


def statements(rights: Sequence[SubjectDigest], seq: int) -> list[Statement]:
    """What the record with this number changes."""
    return [
        (_REMOVE, (kind.value, id_)) if digest is None else (_SAVE, (kind.value, id_, digest, seq))
        for (kind, id_), digest in rights
    ]


def are_complete(db: sqlite3.Connection, registry_id: str) -> bool:
    """Whether all rights of this registry are on the record: before, a person may have rights without one."""
    return db.execute(_ONE, (SubjectKind.FOUND.value, registry_id)).fetchone() is not None


class RightsInForce:
    """Reads them beside the journal's writer; for one thread. Without an answer a tap is decided all the
    same.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db: sqlite3.Connection | None = None
        self._identity = (0, 0)

    def seq_of(self, rights: Sequence[SubjectDigest]) -> int | None:
        """The number of the newest record that these rights are from; None if any of them is not as the log
        has it, or the log cannot be read.
        """
        if not rights:
            return None
        try:
            db = self._connection()
            found = [db.execute(_ONE, (kind.value, id_)).fetchone() for (kind, id_), _ in rights]
        except (sqlite3.Error, OSError):
            self.close()
            return None
        if any(row is None or row[0] != digest for row, (_, digest) in zip(found, rights, strict=True)):
            return None
        newest: int = max(row[1] for row in found)
        return newest

    def close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _connection(self) -> sqlite3.Connection:
        status = self._file.stat()
        identity = status.st_dev, status.st_ino
        if self._db is None or identity != self._identity:
            self.close()
            if not stat.S_ISREG(status.st_mode):  # SQLite would wait for a pipe, and taps with it
                raise OSError(f"{self._file} is not a file")
            uri = self._file.absolute().as_uri() + "?mode=ro"
            self._db = sqlite3.connect(
                uri, uri=True, isolation_level=None, timeout=0.05, check_same_thread=False
            )
            self._db.execute("PRAGMA query_only = ON")
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._identity = identity
        return self._db
