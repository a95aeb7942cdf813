"""Records that are alarms, found by an index of their own: they say so themselves (`"alarm":1` in the body).

What an older program recorded says nothing of the kind and is no alarm any more.
"""

import sqlite3

from controller.journal.schema import FIRST_WITH_ALARMS

_IS_ALARM = "instr(body, '\"alarm\":1') > 0"  # as the index `alarms` has it; a body is canonical JSON
_ALL = f"SELECT seq FROM events WHERE {_IS_ALARM} ORDER BY seq DESC"  # noqa: S608
_ONE = f"SELECT 1 FROM events WHERE seq = ? AND {_IS_ALARM}"  # noqa: S608


def all_alarms(connection: sqlite3.Connection) -> list[int]:
    """Their numbers, newest first; none in a journal the door has not brought up to date yet."""
    if int(connection.execute("PRAGMA user_version").fetchone()[0]) < FIRST_WITH_ALARMS:
        return []
    return [row[0] for row in connection.execute(_ALL)]


def is_alarm(connection: sqlite3.Connection, seq: int) -> bool:
    return connection.execute(_ONE, (seq,)).fetchone() is not None
