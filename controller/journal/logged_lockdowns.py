"""The newest record about each lockdown, one indexed query each."""

import json
import sqlite3

from controller.model.lockdowns import LoggedLockdown, logged_lockdown

THING = "lockdown:"
_NEWEST = """
SELECT CAST(e.body AS BLOB) FROM latest AS l JOIN events AS e ON e.seq = l.seq
WHERE l.thing >= 'lockdown:' AND l.thing < 'lockdown;' ORDER BY l.thing"""


def logged_lockdowns(connection: sqlite3.Connection) -> list[LoggedLockdown]:
    """Skip damaged records; the verifier reports them."""
    found = []
    for (body,) in connection.execute(_NEWEST):
        try:
            word = logged_lockdown(json.loads(body))
        except (ValueError, AttributeError):
            continue
        if word is not None:
            found.append(word)
    return found
