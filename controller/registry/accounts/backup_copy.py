"""accounts.db in a backup: passwords and failed sign-ins, nothing that would let a browser in."""

from contextlib import closing
from pathlib import Path

from controller.registry.accounts.database import Accounts, new_file
from controller.registry.accounts.schema import create_tables
from controller.registry.wal_file import translate_sqlite_errors

# Pending changes are among them: the copied registry may have decided them.
_COPIED = {
    "SELECT operator_id, hash FROM passwords": "INSERT INTO passwords VALUES (?, ?)",
    "SELECT id, account, operator_id, address, browser, utc FROM sign_in_failures": (
        "INSERT INTO sign_in_failures VALUES (?, ?, ?, ?, ?, ?)"
    ),
    "SELECT id, change FROM pending ORDER BY rowid": "INSERT INTO pending VALUES (?, ?)",
}
_LEFT_OUT = ("DELETE FROM sessions", "DELETE FROM known_browsers", "DELETE FROM set_up_code")


def copy_accounts(source: Path, target: Path) -> None:
    """Copy accounts.db, which the registrar may be writing, without sessions, browsers and set-up code."""
    with (
        closing(Accounts(source)) as accounts,
        accounts.read() as db,
        translate_sqlite_errors(target),
        new_file(target) as copy,
    ):
        create_tables(copy)
        for read, write in _COPIED.items():
            copy.executemany(write, db.execute(read))


def begin_restored_accounts(file: Path) -> None:
    """End what a backup of an earlier version still holds: its sessions, browsers and set-up code.

    Raise a GenkanError for a file that cannot be used.
    """
    with closing(Accounts(file)) as accounts, accounts.write() as db:
        for statement in _LEFT_OUT:
            db.execute(statement)
