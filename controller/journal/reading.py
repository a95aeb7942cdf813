"""Read-only connections to a journal that another process writes or wrote.

The door may start or stop at any time, so every request chooses the mode again:
- The door runs: `mode=ro`.
- No door, and no WAL or an empty one: `immutable=1`, because a reader that may not write in the folder can't
  create a -shm file.
- No door, and a WAL is left: AwaitingRecovery, because the main file alone lacks the newest records.

controller/sqlite/open_mode.py does the same for registry.db, which has no sign that its writer runs.
"""

import contextlib
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from controller.errors import AwaitingRecovery, CorruptDatabase, GenkanError
from controller.journal.alive import is_door_alive
from controller.journal.schema import as_installer_error, check_version

_TRIES = 3  # the door may stop or start between the check and the open
_KEEP = 4
_LIVE = "mode=ro"
OpenMode = tuple[str, int, int, int]


class _Shared(threading.local):
    """The view that all snapshots of one thread use within `one_moment`."""

    connection: sqlite3.Connection | None = None


class ReadConnections:
    """Keeps a few connections between requests; one thread at a time uses each."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wal = file.with_name(f"{file.name}-wal")
        self._kept: list[tuple[OpenMode, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._shared = _Shared()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the journal. Keep it short: it blocks reuse of the WAL.

        Within `one_moment` it is the view that this thread has already opened.
        """
        shared = self._shared.connection
        if shared is not None:
            try:
                yield shared
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                self._shared.connection = None  # the thread's next snapshot opens a view of its own
                raise as_installer_error(self._file, error) from error
            return
        mode, connection = self._begin()
        try:
            yield connection
            connection.execute("COMMIT")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            connection.close()
            raise as_installer_error(self._file, error) from error
        except BaseException:
            connection.close()
            raise
        self._keep(mode, connection)

    @contextlib.contextmanager
    def one_moment(self) -> Iterator[None]:
        """Let all snapshots of this thread share one view, so that a page shows one moment.

        If the view can't be opened, each snapshot tries by itself and raises its own error. Don't wait for
        the door within it: nothing new would appear.
        """
        if self._shared.connection is not None:
            yield
            return
        view = self._view()
        if view is None:
            yield
            return
        mode, connection = view
        self._shared.connection = connection
        is_sound = False
        try:
            yield
            is_sound = self._shared.connection is connection
        finally:
            self._shared.connection = None
            if is_sound:
                connection.execute("COMMIT")
                self._keep(mode, connection)
            else:
                connection.close()

    def _view(self) -> tuple[OpenMode, sqlite3.Connection] | None:
        try:
            return self._begin()
        except GenkanError:
            return None

    def _keep(self, mode: OpenMode, connection: sqlite3.Connection) -> None:
        with self._guard:
            if len(self._kept) < _KEEP:
                self._kept.append((mode, connection))
                return
        connection.close()

    @contextlib.contextmanager
    def outside_a_snapshot(self) -> Iterator[tuple[sqlite3.Connection, Callable[[], bool]]]:
        """A connection of its own, for statements that SQLite does not run within a transaction.

        Afterwards call the yielded function: False means that the door may have changed a file that SQLite
        read as immutable, so discard the result.
        """
        mode = self._open_mode()
        try:
            connection = self._open(mode)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise as_installer_error(self._file, error) from error
        with contextlib.closing(connection):
            yield connection, lambda: mode[0] == _LIVE or self._open_mode() == mode

    def close(self) -> None:
        with self._guard:
            kept, self._kept = self._kept, []
        for _, connection in kept:
            connection.close()

    def _begin(self) -> tuple[OpenMode, sqlite3.Connection]:
        for attempt in range(_TRIES):
            mode = self._open_mode()
            connection = self._reuse(mode)
            try:
                if connection is None:
                    connection = self._open(mode)
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM events LIMIT 1").fetchone()  # BEGIN alone takes no snapshot
                return mode, connection
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if connection is not None:
                    connection.close()
                if attempt == _TRIES - 1:
                    raise as_installer_error(self._file, error) from error
        raise AssertionError("unreachable")

    def _open_mode(self) -> OpenMode:
        try:
            return self._mode_now()
        except FileNotFoundError:
            raise AwaitingRecovery(f"{self._file}: not created yet; start the door service.") from None
        except OSError as error:
            raise as_installer_error(self._file, error) from error

    def _mode_now(self) -> OpenMode:
        file = self._file.stat()
        if not stat.S_ISREG(file.st_mode):  # SQLite would wait for a pipe
            raise CorruptDatabase(f"{self._file} is not a file; put the right file there.")
        try:
            wal = self._wal.stat()
            left, which = wal.st_size, wal.st_ino
        except FileNotFoundError:
            left = which = 0
        if is_door_alive(self._file.parent):
            return _LIVE, file.st_ino, which, 0
        if left:
            raise AwaitingRecovery(
                f"{self._file}: awaiting recovery; only the door service can restore the newest records. "
                "Start it."
            )
        return "mode=ro&immutable=1", file.st_ino, file.st_mtime_ns, file.st_size

    def _reuse(self, mode: OpenMode) -> sqlite3.Connection | None:
        with self._guard:
            stale = [connection for other, connection in self._kept if other != mode]
            self._kept = [pair for pair in self._kept if pair[0] == mode]
            reused = self._kept.pop()[1] if self._kept else None
        for connection in stale:
            connection.close()
        return reused

    def _open(self, mode: OpenMode) -> sqlite3.Connection:
        uri = f"{self._file.absolute().as_uri()}?{mode[0]}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            check_version(self._file, connection)
        except BaseException:
            connection.close()
            raise
        return connection
