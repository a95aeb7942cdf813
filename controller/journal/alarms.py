"""Records that are alarms: an index of their own finds them by `"alarm":1` in the body.

Records of older programs lack that field and don't count as alarms.
"""

import sqlite3

from controller.journal.schema import FIRST_WITH_ALARMS

_IS_ALARM = "instr(body, '\"alarm\":1') > 0"  # the condition of the index `alarms`; a body is canonical JSON
_ALL = f"SELECT seq FROM events WHERE {_IS_ALARM} ORDER BY seq DESC"  # noqa: S608
_ONE = f"SELECT 1 FROM events WHERE seq = ? AND {_IS_ALARM}"  # noqa: S608


def all_alarms(connection: sqlite3.Connection) -> list[int]:
    """Return record numbers, newest first; empty until the door has migrated an older journal."""
    if int(connection.execute("PRAGMA user_version").fetchone()[0]) < FIRST_WITH_ALARMS:
        return []
    return [row[0] for row in connection.execute(_ALL)]


def is_alarm(connection: sqlite3.Connection, seq: int) -> bool:
    return connection.execute(_ONE, (seq,)).fetchone() is not None
