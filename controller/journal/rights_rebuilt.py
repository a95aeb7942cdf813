"""Whether `rights_in_force` is what the records leave: step by step, without the whole table in memory.

First each right on record, oldest first: the table must have it, or a newer one, or a later record must
delete it. Then each row of the table: its record must say the same, and be no older than
the accepted registry. Records past their retention can't tell.
"""

import json
import sqlite3
from collections.abc import Iterator

from controller.journal.facts import first_record, newest_record
from controller.model.orders import ActionType
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind, parsed_rights

RECORDS_AT_ONCE = 1000  # scanned in one step …
_WITH_RIGHTS_AT_ONCE = 2  # … up to the second that has rights: it may have those of 140 subjects
ROWS_AT_ONCE = 50
WRONG_AT_MOST = 1000  # then the comparison ends
# Search the text (canonical JSON); see facts.py.
_RECORDS = """
SELECT seq, CAST(body AS BLOB) FROM events WHERE seq > ? AND seq <= ?
AND (instr(body, '"type":"operator_action"') OR instr(body, '"type":"rights_recorded"'))
AND (instr(body, '"rights":"') OR instr(body, '"action":"registry_accepted"')) ORDER BY seq LIMIT ?"""
_ONE = "SELECT seq FROM rights_in_force WHERE kind = ? AND id = ?"
_ROWS = (
    "SELECT kind, id, digest, seq FROM rights_in_force WHERE (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?"
)
_BODY = "SELECT CAST(body AS BLOB) FROM events WHERE seq = ?"


class RightsRebuilt:
    """One comparison. The table may change between two steps, by records that are appended."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()  # as records write them, "b:<id>"
        self._upto = 0
        self._accepted = 0  # the newest record by which somebody accepted the registry
        self._first_in_force = 0  # all rights before this record ended when those of its registry were found
        self._missing: dict[Subject, int] = {}  # not in the table: by their record
        self._row: tuple[str, str] = ("", "")
        self._are_records_read = False
        self._newest: tuple[int, frozenset[tuple[str, str, bytes | None]]] = (0, frozenset())

    def step(self, connection: sqlite3.Connection) -> bool:
        """Whether there is more."""
        if len(self.wrong) >= WRONG_AT_MOST:
            return False
        if not self._are_records_read:
            self._read_records(connection)
            return True
        return self._read_rows(connection)

    def _read_records(self, connection: sqlite3.Connection) -> None:
        last = min(max(self._upto, first_record(connection) - 1) + RECORDS_AT_ONCE, newest_record(connection))
        rows = connection.execute(_RECORDS, (self._upto, last, _WITH_RIGHTS_AT_ONCE)).fetchall()
        for seq, body in rows:
            self._read_record(connection, seq, body)
        self._upto = rows[-1][0] if len(rows) == _WITH_RIGHTS_AT_ONCE else last
        if self._upto == newest_record(connection):
            self._are_records_read = True
            self.wrong.update(map(_text, self._missing))

    def _read_record(self, connection: sqlite3.Connection, seq: int, body: bytes) -> None:
        fields = _fields(body)
        if fields.get("action") == ActionType.REGISTRY_ACCEPTED and not fields.get("again"):
            self._accepted = seq
        for subject, digest in _rights(fields):
            self._missing.pop(subject, None)
            row = connection.execute(_ONE, (subject.kind.value, subject.id)).fetchone()
            if digest is None:
                if row is not None and row[0] < seq:
                    self.wrong.add(_text(subject))
            elif row is None:
                self._missing[subject] = seq
            elif row[0] < seq:
                self.wrong.add(_text(subject))
            if subject.kind is SubjectKind.FOUND:
                self._first_in_force = self._accepted
                self._missing = {one: at for one, at in self._missing.items() if at >= self._accepted}

    def _read_rows(self, connection: sqlite3.Connection) -> bool:
        first = first_record(connection)
        rows = connection.execute(_ROWS, (*self._row, ROWS_AT_ONCE)).fetchall()
        for kind, id_, digest, seq in rows:
            is_removed = seq < self._first_in_force
            if is_removed or (seq >= first and (kind, id_, digest) not in self._rights_of(connection, seq)):
                self.wrong.add(f"{kind}:{id_}")
            self._row = kind, id_
        return len(rows) == ROWS_AT_ONCE

    def _rights_of(
        self, connection: sqlite3.Connection, seq: int
    ) -> frozenset[tuple[str, str, bytes | None]]:
        """Neighbours in the table are often from one record."""
        if self._newest[0] != seq:
            row = connection.execute(_BODY, (seq,)).fetchone()
            fields = {} if row is None else _fields(row[0])
            self._newest = (
                seq,
                frozenset((kind.value, id_, digest) for (kind, id_), digest in _rights(fields)),
            )
        return self._newest[1]


def _text(subject: Subject) -> str:
    return f"{subject.kind}:{subject.id}"


def _fields(body: bytes) -> dict[str, object]:
    """Empty for a damaged record, which the verifier reports."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _rights(fields: dict[str, object]) -> Iterator[SubjectDigest]:
    rights = fields.get("rights")
    if isinstance(rights, str) and fields.get("type") in ("operator_action", "rights_recorded"):
        try:
            yield from parsed_rights(rights)
        except ValueError:
            return
