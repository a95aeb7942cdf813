"""What presence needs of the records, read in the order of their numbers."""

import json
import sqlite3
from datetime import datetime

from controller.model.fact import Fact

AT_ONCE = 1000  # records looked at in one snapshot
# By the text, which is canonical JSON, because looking is ten times cheaper than parsing; as bytes, because
# what is damaged may be no text.
_ROWS = """
SELECT seq, CAST(body AS BLOB) FROM events WHERE seq > ? AND seq <= ? AND (
    instr(body, '"type":"access_granted"') OR instr(body, '"type":"access_outcome"')
    OR instr(body, '"reason":"second_person_needed"')
    OR (instr(body, '"type":"operator_action"') AND (
        instr(body, '"action":"presence_corrected"') OR instr(body, '"action":"forgiven"')
        OR instr(body, '"action":"area_emptied"')
    ))
) ORDER BY seq
"""
_ENDS = "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM events WHERE seq > ?"


def facts_after(connection: sqlite3.Connection, seq: int) -> tuple[list[Fact], int]:
    """Of the next thousand records after `seq`, and the number up to which was read: `seq` at the end."""
    first, newest = connection.execute(_ENDS, (seq,)).fetchone()
    last = min(first + AT_ONCE - 1, newest)
    if last <= seq:
        return [], seq
    rows = connection.execute(_ROWS, (seq, last)).fetchall()
    return [fact for row in rows if (fact := _fact(*row)) is not None], last


def _fact(seq: int, body: bytes) -> Fact | None:
    """None for a record that is damaged: it is reported elsewhere, and presence goes on without it."""
    try:
        fields = json.loads(body)
        get = fields.get
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
