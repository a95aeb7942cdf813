"""The door's last good copy of the registry: the door decides from it while it can't read registry.db.

A copy is one file without a WAL, with the rows that a door decides from. It gets its name only when it is
complete and SQLite's quick_check passes. It stores the time of its creation.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from controller.durable import sync_folder
from controller.errors import CorruptDatabase
from controller.registry.lookup import Lookup, RegistryReader, RegistryUnreadable, translate_errors
from controller.registry.moments import utc_moment, utc_text
from controller.registry.restrictions import newest_action
from controller.registry.schema import FINGERPRINTS, schema_of

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


class Copy(RegistryReader):
    """An open copy, created at `created`. With `in_memory` it needs no disk.

    `newest_action` is the id of the newest operator action in it.
    """

    def __init__(self, file: Path, db: sqlite3.Connection, in_memory: bool) -> None:
        super().__init__(file, db)
        self.in_memory = in_memory
        with translate_errors(file):
            schema = _schema(db)
            if schema is None:
                raise RegistryUnreadable(
                    f"{file} is not a copy that this Genkan makes; the door copies again."
                )
            self.schema = schema
            self._refresh()
            self.created = _creation_time(db)
            self.newest_action = newest_action(db)


def make_copy(
    lookup: Lookup,
    file: Path,
    created: datetime,
    step: Callable[[], None],
    begin_sync: Callable[[], object] = bool,
) -> None:
    """Replace `file` with a checked, durable copy of what `lookup` reads; on any error leave it unchanged.

    Calls `step` each time some rows have reached the disk, and `begin_sync` before the disk writes them; an
    exception from `step` ends the copying.
    """
    part = file.with_suffix(".part")
    with translate_errors(file):
        file.parent.mkdir(mode=0o750, exist_ok=True)
        for left in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
            left.unlink(missing_ok=True)  # left by a door that was killed
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:

            def sync_and_step() -> None:
                begin_sync()
                os.fdatasync(descriptor)
                step()

            _fill(lookup, part, created, sync_and_step)
            os.fsync(descriptor)
            part.rename(file)
        finally:
            os.close(descriptor)
            part.unlink(missing_ok=True)
        sync_folder(file.parent)


def _fill(lookup: Lookup, part: Path, created: datetime, step: Callable[[], None]) -> None:
    db = sqlite3.connect(part, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = MEMORY")
        lookup.copy_to(db, step)
        db.execute("CREATE TABLE copy_made (utc TEXT NOT NULL, schema INTEGER NOT NULL) STRICT")
        db.execute("INSERT INTO copy_made VALUES (?, ?)", (utc_text(created), lookup.schema))
        result = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if result != "ok":
            raise CorruptDatabase(f"{lookup.file} is damaged ({result}); restore it from a backup.")
    finally:
        db.close()


def open_copy(file: Path) -> Copy:
    """Open the copy on disk. Raises RegistryUnreadable, CorruptDatabase or NewerDatabase."""
    with translate_errors(file):
        file.stat()
        uri = file.absolute().as_uri() + "?mode=ro&immutable=1"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    return _wrap(file, db, in_memory=False)


def keep_digest(file: Path, step: Callable[[], None]) -> None:
    """Write a digest beside a new copy, for `is_sound`. Not durable: if it is missing, the door copies again.

    Raises OSError. Calls `step` after each mebibyte read; an exception from it ends the reading.
    """
    _digest_file(file).write_text(_digest(file, step) + "\n", "ascii")


def is_sound(file: Path, step: Callable[[], None]) -> bool:
    """Return whether every byte is as `keep_digest` read it."""
    try:
        return _digest(file, step) == _digest_file(file).read_text("ascii").strip()
    except (OSError, ValueError):
        return False


def _digest_file(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _digest(file: Path, step: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(1 << 20):
            digest.update(piece)
            step()
    return digest.hexdigest()


def load_copy(file: Path) -> Copy:
    """Like `open_copy`, but load the whole file into memory."""
    with translate_errors(file):
        content = file.read_bytes()
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        try:
            if content:
                db.deserialize(content)
            if not content or db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise CorruptDatabase(f"{file} is damaged; the door copies the registry again.")
        except BaseException:
            db.close()
            raise
    return _wrap(file, db, in_memory=True)


def _wrap(file: Path, db: sqlite3.Connection, in_memory: bool) -> Copy:
    try:
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA trusted_schema = OFF")
        return Copy(file, db, in_memory)
    except BaseException:
        db.close()
        raise


def _schema(db: sqlite3.Connection) -> int | None:
    """The schema of the registry that was copied; None for one that this program does not read."""
    columns = {row[0] for row in db.execute("SELECT name FROM pragma_table_info('copy_made')")}
    if "schema" not in columns:
        return schema_of(db)  # an earlier program copied the whole file
    row = db.execute("SELECT schema FROM copy_made").fetchone()
    return row[0] if row and row[0] in FINGERPRINTS.values() else None


def _creation_time(db: sqlite3.Connection) -> datetime:
    row = db.execute("SELECT utc FROM copy_made").fetchone()
    try:
        return utc_moment(row[0]) if row else _UNKNOWN
    except ValueError:
        return _UNKNOWN
