"""A database that another process writes, read without write access: snapshots within limits.

Raises sqlite3.Error, OSError and ValueError; the caller, who knows what the file is for, translates them.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.sqlite.limits import limit
from controller.sqlite.open_mode import IMMUTABLE, NOT_OPEN, OpenMode, open_mode
from controller.sqlite.recovered import Recoveries
from controller.sqlite.regular_file import why_unfit

_BUSY_S = 0.2  # a reader waits only while another process recovers the WAL, never for a writer
_TRIES = 5  # a writer that starts or stops creates and removes files one after the other
_REST_S = 0.02
_GENERATION = 2**32
_RECOVERIES = Recoveries()


class ForeignDatabase:
    """One connection, opened again when the way to read the file changes; for one thread at a time."""

    def __init__(
        self,
        file: Path,
        check_schema: Callable[[sqlite3.Connection], None],
        recoveries: Recoveries = _RECOVERIES,
    ) -> None:
        """`check_schema` runs in each snapshot after a change of the schema; it raises to refuse the file."""
        self._file, self._check_schema, self._recoveries = file, check_schema, recoveries
        self._generation = 0
        self._mode = NOT_OPEN
        self._open()

    def _open(self) -> None:
        for attempt in range(_TRIES):
            unfit = why_unfit(self._file)
            if unfit is not None:
                raise ValueError(unfit)
            mode = open_mode(self._file, self._mode)
            try:
                db = self._connect(mode)
            except sqlite3.OperationalError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(_REST_S)
                continue
            self._db, self._mode = db, mode
            self._schema_version: int | None = None
            self._generation += 1
            return

    def _connect(self, mode: OpenMode) -> sqlite3.Connection:
        if not mode.needs_recovery:
            return self._connect_to(self._file, mode.parameters, mode)
        with self._recoveries.recovered(self._file) as whole:
            return self._connect_to(whole, IMMUTABLE, mode)

    def _connect_to(self, file: Path, parameters: str, mode: OpenMode) -> sqlite3.Connection:
        db = sqlite3.connect(
            f"{file.absolute().as_uri()}?{parameters}",
            uri=True,
            isolation_level=None,
            timeout=_BUSY_S,
            check_same_thread=False,
        )
        try:
            self._deadline = limit(db)
            db.execute("PRAGMA schema_version").fetchone()
            if open_mode(self._file, self._mode) != mode:
                raise sqlite3.OperationalError("another program replaced the file while it was opened")
        except BaseException:
            db.close()
            raise
        return db

    @property
    def connection(self) -> sqlite3.Connection:
        return self._db

    def is_replaced(self) -> bool:
        """Whether another file has this one's name, or none has: somebody removed the file or its folder."""
        try:
            return not open_mode(self._file).is_of_the_same_file(self._mode)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False  # nothing shows that the file is another one

    def _renew(self) -> None:
        """Open the file again if a writer has come or gone; a replaced file is the caller's to open."""
        try:
            mode = open_mode(self._file, self._mode)
        except OSError:
            return
        if mode == self._mode:
            self._mode = mode
            return
        if not mode.is_of_the_same_file(self._mode):
            return
        before = self._db
        self._open()
        before.close()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One read transaction, within the deadline, with a checked schema."""
        self._renew()
        db, mode = self._db, self._mode
        self._deadline.begin()
        db.execute("BEGIN")
        try:
            version = db.execute("PRAGMA schema_version").fetchone()[0]
            if version != self._schema_version:
                self._schema_version = None  # SQLite prepares its statements again after such a change
                self._check_schema(db)
                self._schema_version = version
            yield db
        finally:
            db.execute("ROLLBACK")
        if mode.has_changed_content(self._file):
            raise sqlite3.OperationalError("another program wrote the file while it was read")

    def begin_statement(self) -> None:
        """Before each statement in a snapshot that lasts: each has the whole time limit."""
        self._deadline.begin()

    def version_in_snapshot(self) -> int:
        """`data_version` of the content that the present snapshot reads."""
        number: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        return self._generation * _GENERATION + number

    def data_version(self) -> int:
        """Differs from its earlier value if another connection has committed since."""
        self._renew()
        self._deadline.begin()
        return self.version_in_snapshot()

    def close(self) -> None:
        self._db.close()
