"""registry.db for a process that never writes it: the pages, and commands while they only read.

It needs no right to write the file or its folder, creates no file, and works whether the registrar runs, has
ended or was killed (see `controller/sqlite/open_mode.py`). A file that is missing, of an earlier version or
being created is refused, and read as soon as the registrar has put it in order.
"""

import contextlib
import queue
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from controller.errors import CorruptDatabase, InstallerError, RegistrarNeeded
from controller.registry.database import Registry
from controller.registry.schema import SCHEMA, refuse_newer
from controller.sqlite.open_mode import OpenMode, open_mode
from controller.sqlite.regular_file import why_unfit

_TRIES = 5  # a writer that starts or stops creates and removes files one after the other
_REST_S = 0.02
_BUSY_S = 5.0


class ReadOnlyRegistry(Registry):
    """Threads may share it. Each attempt to write is a fault of this program, and raises RuntimeError."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._kept: queue.LifoQueue[tuple[OpenMode, sqlite3.Connection]] = queue.LifoQueue()

    def _refuse_other_versions(self, db: sqlite3.Connection) -> None:
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found == SCHEMA:
            return
        refuse_newer(db, self.file)
        if found == 0 and not self.file.stat().st_size:
            raise CorruptDatabase(
                f"{self.file} is empty; restore a backup, or start again with `genkan init`."
            )
        raise RegistrarNeeded(
            f"{self.file} is of an earlier version (schema {found}, this one reads {SCHEMA}); start the "
            "registrar, which upgrades it."
        )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        mode, db = self._opened()
        try:
            yield db
            if db.in_transaction:
                db.execute("ROLLBACK")
            if mode.has_changed_content(self.file):
                raise sqlite3.OperationalError("another program wrote the file while it was read")
        except BaseException:
            db.close()
            raise
        self._kept.put((mode, db))

    def _opened(self) -> tuple[OpenMode, sqlite3.Connection]:
        """A kept connection, if the file may still be read in the same way; else a new one."""
        mode = self._mode()
        while True:
            try:
                kept, db = self._kept.get_nowait()
            except queue.Empty:
                return self._open_to_read()
            if kept == mode:
                return kept, db
            db.close()

    def _open_to_read(self) -> tuple[OpenMode, sqlite3.Connection]:
        for attempt in range(_TRIES):
            mode = self._mode()
            db = sqlite3.connect(
                f"{self.file.absolute().as_uri()}?{mode.parameters}",
                uri=True,
                isolation_level=None,
                timeout=_BUSY_S,
                check_same_thread=False,
            )
            try:
                db.execute("PRAGMA trusted_schema = OFF")
                db.execute("PRAGMA temp_store = MEMORY")
                self._refuse_other_versions(db)
                if self._mode() == mode:
                    return mode, db
            except sqlite3.OperationalError:
                db.close()
                if attempt == _TRIES - 1:
                    raise
            except BaseException:
                db.close()
                raise
            db.close()
            time.sleep(_REST_S)
        raise sqlite3.OperationalError("other programs open and close it all the time")

    def _mode(self) -> OpenMode:
        try:
            unfit, mode = why_unfit(self.file), open_mode(self.file)
        except FileNotFoundError:
            data = self.file.parent.parent
            raise InstallerError(
                f"{data} has no registry/registry.db; restore a backup, or create a new one with `genkan "
                f"init --data {data}`."
            ) from None
        if unfit is not None:
            raise CorruptDatabase(f"{self.file} {unfit}; put the right file there, or restore a backup.")
        if mode.needs_recovery:
            raise RegistrarNeeded(
                f"{self.file} was not closed and has lost its -shm; start the registrar, which recovers it."
            )
        return mode

    def _connect_to_read(self) -> sqlite3.Connection:
        return self._open_to_read()[1]

    @contextmanager
    def write(self) -> Iterator[NoReturn]:
        raise _not_here()
        yield  # a generator all the same

    @contextmanager
    def housekeeping(self) -> Iterator[NoReturn]:
        raise _not_here()
        yield

    def scrub(self) -> bool:
        raise _not_here()

    def close(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._kept.get_nowait()[1].close()


def _not_here() -> RuntimeError:
    return RuntimeError("only the registrar writes the registry; send it a request")
