"""The SQLite version of this Python, and whether SQLite's WAL-reset bug is fixed in it.

The bug loses commits when two processes write or checkpoint one WAL at the same moment. Genkan is safe
without the fix: only the door writes and checkpoints journal.db (journal/private/door.lock), and a process
holds registry/private/registry.lock while it writes, checkpoints or closes registry.db. `genkan check` shows
the version.
"""

import sqlite3

VERSION = sqlite3.sqlite_version
_FIXED_FROM = (3, 51, 3)
_FIXED_IN_SERIES = {(3, 50): 7, (3, 44): 6}


def has_wal_reset_fix(version: str = VERSION) -> bool:
    major, minor, patch = (int(part) for part in version.split("."))
    patched = _FIXED_IN_SERIES.get((major, minor))
    return (major, minor, patch) >= _FIXED_FROM or (patched is not None and patch >= patched)
