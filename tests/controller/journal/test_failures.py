"""The cause that is shown and recorded, from what SQLite or the system said."""

import errno
import sqlite3
from pathlib import Path

import pytest

from controller.errors import AwaitingRecovery, CorruptDatabase, JournalUnavailable
from controller.journal.failures import FailureCause, cause_of, error_code
from controller.journal.writing import JournalLocked, translate_journal_errors
from tests.controller.journal.samples import grant, journal_in, raw


def translated(error: BaseException) -> JournalUnavailable:
    with pytest.raises(JournalUnavailable) as raised, translate_journal_errors():
        raise error
    return raised.value


def sqlite_error(code: int, name: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("says SQLite")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.EIO, "x"), FailureCause.EIO),
        (OSError(errno.ENOSPC, "x"), FailureCause.DISK_FULL),
        (OSError(errno.EROFS, "x"), FailureCause.READ_ONLY),
        (OSError(errno.EACCES, "x"), FailureCause.CANNOT_OPEN),
        (sqlite_error(sqlite3.SQLITE_FULL), FailureCause.DISK_FULL),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), FailureCause.EIO),
        (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY), FailureCause.READ_ONLY),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), FailureCause.LOCKED),
        (sqlite_error(sqlite3.SQLITE_CORRUPT_VTAB), FailureCause.CORRUPT),
        (sqlite3.ProgrammingError("x"), FailureCause.EIO),
    ],
)
def test_error_has_its_cause(tmp_path: Path, error: BaseException, cause: FailureCause) -> None:
    assert cause_of(translated(error), tmp_path) is cause


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "ENOSPC"),
        (sqlite_error(sqlite3.SQLITE_FULL, "SQLITE_FULL"), "SQLITE_FULL"),
        (sqlite3.ProgrammingError("x"), None),
    ],
)
def test_error_is_recorded_by_its_name(error: BaseException, code: str | None) -> None:
    assert error_code(translated(error)) == code


def test_journal_that_cannot_be_read_has_its_cause(tmp_path: Path) -> None:
    assert cause_of(AwaitingRecovery("not created yet"), tmp_path) is FailureCause.CANNOT_OPEN
    damaged = CorruptDatabase("damaged")
    damaged.__cause__ = UnicodeDecodeError("utf-8", b"x", 0, 1, "a table's name")
    assert cause_of(damaged, tmp_path) is FailureCause.CORRUPT


def test_lock_that_stops_a_commit_is_called_so(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, raw(tmp_path) as intruder:
        journal.append([grant()])
        intruder.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable) as raised:
            journal.append([grant()])
        assert cause_of(raised.value, tmp_path) is FailureCause.LOCKED
        assert cause_of(JournalLocked(), tmp_path) is FailureCause.LOCKED
        intruder.execute("ROLLBACK")
