"""The facts that presence needs, read from the records in order of number."""

import json
import sqlite3
from datetime import datetime

from controller.journal.registry_mark import repeated_up_to
from controller.model.fact import Fact

_ALL_COPIED = 2**62
AT_ONCE = 1000  # records scanned in one snapshot
# Search the text (canonical JSON): ten times cheaper than parsing. Read bytes: a damaged body may not be
# text. The test that most records fail comes first, since each instr() costs as much as reading the row.
_ROWS = """
SELECT seq, CAST(body AS BLOB) FROM events WHERE seq > ? AND seq <= ? AND (
    (instr(body, '"type":"access_') AND (
        instr(body, '"type":"access_granted"')
        OR (instr(body, '"result":"not_') AND instr(body, '"type":"access_outcome"'))
        OR instr(body, '"reason":"second_person_needed"') OR instr(body, '"reason":"anti_passback"')
        OR instr(body, '"reason":"outer_area_not_entered"')
    ))
    OR (instr(body, '"type":"operator_action"') AND (
        instr(body, '"action":"presence_corrected"') OR instr(body, '"action":"forgiven"')
        OR instr(body, '"action":"area_emptied"')
    ))
) ORDER BY seq
"""
_ALL_TAPS = _ROWS.replace(
    """instr(body, '"reason":"second_person_needed"')""",
    """instr(body, '"type":"access_denied"') OR instr(body, '"type":"access_waiting"')""",
).replace(
    """instr(body, '"action":"presence_corrected"')""",
    """instr(body, '"action":"presence_corrected"') OR instr(body, '"action":"lockdown_')""",
)
_OPENINGS = _ROWS.replace(
    """instr(body, '"result":"not_')""",
    """(instr(body, '"result":"not_') OR instr(body, '"result":"opened"'))""",
)
_raw_decode = json.JSONDecoder().raw_decode  # skips no white space; canonical JSON has none
# Two statements: in one, SQLite would scan all rows between min and max.
_FIRST = "SELECT coalesce(min(seq), 1) FROM events WHERE seq > ?"
_NEWEST = "SELECT coalesce(max(seq), 0) FROM events"


def facts_after(
    connection: sqlite3.Connection, seq: int, every_tap: bool = False, openings: bool = False
) -> tuple[list[Fact], int]:
    """Return facts of the next thousand records after `seq`, and the last number read, `seq` at the end.

    `every_tap` adds refusals that presence ignores, and begins and ends of lockdowns. `openings` adds that a
    door opened for a grant. Use at most one of the two.
    """
    first = connection.execute(_FIRST, (seq,)).fetchone()[0]
    last = min(first + AT_ONCE - 1, connection.execute(_NEWEST).fetchone()[0])
    if last <= seq:
        return [], seq
    wanted = _ALL_TAPS if every_tap else _OPENINGS if openings else _ROWS
    rows = connection.execute(wanted, (seq, last)).fetchall()
    return [fact for row in rows if (fact := _fact(*row)) is not None], last


def first_record(connection: sqlite3.Connection) -> int:
    """The number of the oldest record that retention has kept; 1 for an empty log."""
    return int(connection.execute(_FIRST, (0,)).fetchone()[0])


def newest_record(connection: sqlite3.Connection) -> int:
    return int(connection.execute(_NEWEST).fetchone()[0])


def leaf(connection: sqlite3.Connection, seq: int) -> bytes | None:
    """The leaf of one record; a changed leaf means that the file now holds another log."""
    row = connection.execute("SELECT leaf FROM events WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else bytes(row[0])


def last_action(connection: sqlite3.Connection, registry_id: str) -> int:
    """The id of this registry's newest operator action whose effect the log has; 0 for none.

    Of a registry that the log does not know yet, all actions count as copied: it may be an older one.
    """
    positions = dict(connection.execute("SELECT registry_id, last_action FROM copied"))
    last = positions.get(registry_id)
    if last is None:
        return _ALL_COPIED if positions else 0
    return max(int(last), repeated_up_to(connection, registry_id))


def _fact(seq: int, body: bytes) -> Fact | None:
    """Return None for a damaged record: presence skips it, and the verifier reports it."""
    try:
        text = body.decode()
        fields, end = _raw_decode(text)
        if end != len(text):
            return None
        get = fields.get
        if get("again"):  # an earlier record has had its effect
            return None
        return Fact(
            seq=seq,
            type=fields["type"],
            utc=datetime.fromisoformat(fields["utc"]),
            boot=fields["boot"],
            mono_ms=fields["mono_ms"],
            door=get("door"),
            access_point=get("access_point"),
            direction=get("direction"),
            result=get("result"),
            reason=get("reason"),
            person=get("person"),
            codes=fields,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
