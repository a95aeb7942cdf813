"""`rights_in_force`: of each subject the newest digest on record, and the number of that record.

Derived from the records: each `rights` of an operator_action or rights_recorded, in order.
"""

import contextlib
import json
import sqlite3
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.latest import ACCEPTED
from controller.journal.writing import Statement
from controller.model.access import RightsState
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind

_SAVE = (
    "INSERT INTO rights_in_force (kind, id, digest, seq) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, id) DO UPDATE SET digest = excluded.digest, seq = excluded.seq"
)
_REMOVE = "DELETE FROM rights_in_force WHERE kind = ? AND id = ?"
_REMOVE_EARLIER = "DELETE FROM rights_in_force WHERE seq < (SELECT seq FROM latest WHERE thing = ?)"
_ANY = "SELECT 1 FROM rights_in_force WHERE kind = ? LIMIT 1"
_PAGE = "SELECT id, digest FROM rights_in_force WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
_ONE = "SELECT digest, seq FROM rights_in_force WHERE kind = ? AND id = ?"
_OF_DEFINITIONS = (
    SubjectKind.LEVEL,
    SubjectKind.SCHEDULE,
    SubjectKind.DAYS,
    SubjectKind.RULES,
    SubjectKind.LOCKDOWNS,
)
_DEFINITIONS = (
    "SELECT kind, id, digest, seq FROM rights_in_force WHERE kind IN (SELECT value FROM json_each(?))"
)


def statements(rights: Sequence[SubjectDigest], seq: int) -> list[Statement]:
    """What the record with this number changes.

    Once all rights of an accepted registry are on the record, earlier ones are no longer in force.
    """
    changes: list[Statement] = [
        (_REMOVE, (kind.value, id_)) if digest is None else (_SAVE, (kind.value, id_, digest, seq))
        for (kind, id_), digest in rights
    ]
    if any(subject.kind is SubjectKind.FOUND for subject, _ in rights):
        changes.append((_REMOVE_EARLIER, (ACCEPTED,)))
    return changes


def rights_page(db: sqlite3.Connection, kind: SubjectKind, after: str, limit: int) -> list[SubjectDigest]:
    """Those in force of this kind behind an id, by rising id; see model/compared_rights.py."""
    return [
        SubjectDigest(Subject(kind, id_), digest)
        for id_, digest in db.execute(_PAGE, (kind.value, after, limit))
    ]


@dataclass(frozen=True)
class InForce:
    """`seq`: the record that gives these rights."""

    digest: bytes
    seq: int


def in_force(db: sqlite3.Connection, subjects: Sequence[Subject]) -> dict[Subject, InForce]:
    """Of each subject that has rights in force."""
    rows = {subject: db.execute(_ONE, (subject.kind.value, subject.id)).fetchone() for subject in subjects}
    return {subject: InForce(digest=row[0], seq=row[1]) for subject, row in rows.items() if row is not None}


def digests_of(db: sqlite3.Connection, subjects: Sequence[Subject]) -> dict[Subject, bytes | None]:
    """None for a subject without rights in force."""
    found = in_force(db, subjects)
    return {subject: found[subject].digest if subject in found else None for subject in subjects}


def are_complete(db: sqlite3.Connection) -> bool:
    """Whether all rights are on the record: before, a person may have rights without one."""
    return db.execute(_ANY, (SubjectKind.FOUND.value,)).fetchone() is not None


@dataclass(frozen=True)
class Compared:
    """`seq`: the newest record that gives these rights, if all of them are in force. `differing` are not."""

    state: RightsState
    seq: int | None = None
    differing: tuple[SubjectDigest, ...] = ()


class RightsInForce:
    """Reads them beside the journal's writer; for one thread."""

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()
        self._uri = file.absolute().as_uri() + "?mode=ro"
        self._db: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._are_complete = False

    def compare(self, rights: Sequence[SubjectDigest]) -> Compared:
        """UNCHECKED until the rights of some registry are all on record: before, a person may have rights
        without one. A registry that takes another id changes nothing about that.
        """
        try:
            db = self._connection()
            self._learn_completeness(db)
            found = [db.execute(_ONE, (kind.value, id_)).fetchone() for (kind, id_), _ in rights]
        except (sqlite3.Error, OSError):
            self.close()
            return Compared(RightsState.UNREADABLE)
        differing = tuple(
            one
            for one, row in zip(rights, found, strict=True)
            if one.digest != (None if row is None else row[0])
        )
        if differing:
            return Compared(
                RightsState.UNACCOUNTED if self._are_complete else RightsState.UNCHECKED, differing=differing
            )
        seq = max((row[1] for row in found if row is not None), default=None)
        return Compared(RightsState.IN_FORCE if self._are_complete else RightsState.UNCHECKED, seq)

    def definitions(self) -> dict[Subject, InForce] | None:
        """Those of definitions; None until all rights are on record.

        Raises JournalUnavailable if the log cannot be read.
        """
        try:
            db = self._connection()
            self._learn_completeness(db)
            if not self._are_complete:
                return None
            rows = db.execute(_DEFINITIONS, (json.dumps(_OF_DEFINITIONS),)).fetchall()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise JournalUnavailable(f"{self._file} cannot be read ({error}).") from error
        return {Subject(SubjectKind(kind), id_): InForce(digest, seq) for kind, id_, digest, seq in rows}

    def _learn_completeness(self, db: sqlite3.Connection) -> None:
        if not self._are_complete:
            self._are_complete = are_complete(db)

    def close(self) -> None:
        db, self._db = self._db, None
        self._are_complete = False
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _connection(self) -> sqlite3.Connection:
        status = self._file.lstat()
        identity = status.st_dev, status.st_ino
        if self._db is None or identity != self._identity:
            self.close()
            if not stat.S_ISREG(status.st_mode):  # SQLite would wait for a pipe, and taps with it
                raise OSError(f"{self._file} is not a file")
            self._db = sqlite3.connect(
                self._uri, uri=True, isolation_level=None, timeout=0.05, check_same_thread=False
            )
            self._db.execute("PRAGMA query_only = ON")
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._identity = identity
        return self._db
