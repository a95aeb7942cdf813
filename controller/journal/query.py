"""The read side of the journal: pages, the live tail, the newest record about a thing."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType

from controller.journal.alarms import all_alarms, is_alarm
from controller.journal.facts import last_action
from controller.journal.log_entry import LogEntry, entries, latest_of
from controller.journal.log_filter import LogFilter
from controller.journal.logged_lockdowns import logged_lockdowns
from controller.journal.proof import key_records
from controller.journal.proof.key_records import LogKey
from controller.journal.reading import ReadConnections
from controller.journal.registry_mark import registry_mark
from controller.journal.resolve import resolved_times
from controller.journal.retire import Removal, newest_removal
from controller.journal.rights import are_complete, digests_of, in_force, rights_page
from controller.journal.rights_rebuilt import RightsRebuilt
from controller.journal.schema import FIRST_SIGNED, FIRST_WITH_RIGHTS, check_pages
from controller.journal.silences import Silence, silences_at
from controller.journal.tail import Tail
from controller.journal.walk import NO_LIMIT, walk
from controller.model.events import EventType
from controller.model.lockdowns import LoggedLockdown
from controller.model.moment import ClockState
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.model.registry_mark import RegistryMark

__all__ = ["JournalReader", "LogEntry", "LogFilter", "LogKey", "Silence"]


class JournalReader:
    """Threads may share it. It writes nothing, not even beside the file.

    Any call may raise AwaitingRecovery (the door has yet to start), NewerDatabase, CorruptDatabase or
    InstallerError, each with one sentence.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connections = ReadConnections(file)

    def page(self, filter: LogFilter, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        """Return entries, newest first; for the next page, pass the last entry's number as `before`."""
        last = NO_LIMIT if before is None else before - 1
        with self.snapshot() as connection:
            return entries(
                connection, islice(walk(connection, filter, first=0, last=last, newest_first=True), limit)
            )

    def after(self, filter: LogFilter, seq: int, limit: int = 100) -> list[LogEntry]:
        """Return entries after number `seq`, oldest first."""
        with self.snapshot() as connection:
            return entries(
                connection,
                islice(walk(connection, filter, first=seq + 1, last=NO_LIMIT, newest_first=False), limit),
            )

    def newest_seq(self) -> int:
        """The newest record number; 0 for an empty journal. Every commit appends, so a change means news."""
        with self.snapshot() as connection:
            return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def check_pages(self) -> None:
        """Raise CorruptDatabase for a file that was cut."""
        with self.snapshot() as connection:
            check_pages(self.file, connection)

    def newest_times(self) -> tuple[datetime | None, datetime | None]:
        """The latest time on any record that was not untrusted, and on any with a synchronised clock."""
        with self.snapshot() as connection:
            tail = Tail.load(connection)
        trusted, synchronised = (
            None if text is None else datetime.fromisoformat(text)
            for text in (tail.trusted, tail.synchronised)
        )
        return trusted, synchronised

    def data_version(self) -> int:
        """Differs from its earlier value exactly if something was committed since."""
        return self.newest_seq()

    def entry(self, seq: int) -> LogEntry | None:
        with self.snapshot() as connection:
            return next(iter(entries(connection, [seq])), None)

    def entries(self, seqs: Sequence[int], type_: EventType | None = None) -> list[LogEntry]:
        """Return existing entries in the order of `seqs`; with `type_`, only entries of that type."""
        with self.snapshot() as connection:
            return entries(connection, seqs, type_)

    def alarms(self) -> list[int]:
        """The numbers of all alarms, newest first."""
        with self.snapshot() as connection:
            return all_alarms(connection)

    def is_alarm(self, seq: int) -> bool:
        with self.snapshot() as connection:
            return is_alarm(connection, seq)

    def latest(self, thing: str) -> LogEntry | None:
        """The newest entry about `thing`; latest.py names the things."""
        return self.latest_of([thing]).get(thing)

    def latest_of(self, things: Sequence[str]) -> Mapping[str, LogEntry]:
        """The newest entry about each of `things`; things without an entry are absent."""
        with self.snapshot() as connection:
            return latest_of(connection, things)

    def logged_lockdowns(self) -> list[LoggedLockdown]:
        """The newest record about each lockdown."""
        with self.snapshot() as connection:
            return logged_lockdowns(connection)

    def registry_mark(self) -> RegistryMark | None:
        """What the log knows of the registry; None before the first action was copied."""
        with self.snapshot() as connection:
            return registry_mark(connection)

    def last_action(self, registry_id: str) -> int:
        """The newest action of this registry whose effect the log has."""
        with self.snapshot() as connection:
            return last_action(connection, registry_id)

    def rights_page(self, kind: SubjectKind, after: str, limit: int) -> list[SubjectDigest]:
        """Rights in force; see model/compared_rights.py."""
        with self.snapshot() as connection:
            return rights_page(connection, kind, after, limit)

    def rights_in_force(self, subjects: Sequence[Subject]) -> Mapping[Subject, bytes | None]:
        """The digest in force of each subject; None without one."""
        with self.snapshot() as connection:
            return digests_of(connection, subjects) if _has_rights(connection) else dict.fromkeys(subjects)

    def records_of_rights(self, subjects: Sequence[Subject]) -> dict[Subject, LogEntry]:
        """The record that gave each subject its rights in force."""
        with self.snapshot() as connection:
            numbers = {subject: one.seq for subject, one in in_force(connection, subjects).items()}
            found = {entry.seq: entry for entry in entries(connection, list(numbers.values()))}
        return {subject: found[seq] for subject, seq in numbers.items() if seq in found}

    def rights_are_complete(self) -> bool:
        """Whether all rights are on the record."""
        with self.snapshot() as connection:
            return _has_rights(connection) and are_complete(connection)

    def wrong_rights_in_force(self) -> set[str]:
        """The subjects of which the table of rights is not what the records leave, as "b:<id>"."""
        rebuilt = RightsRebuilt()
        with self.snapshot() as connection:
            while rebuilt.step(connection):
                pass
        return rebuilt.wrong

    def silences(self, entries: Iterable[LogEntry]) -> list[Silence]:
        """Silences that end at one of `entries`."""
        in_order = sorted(entries, key=lambda entry: entry.seq)
        if not in_order:
            return []
        with self.snapshot() as connection:
            return silences_at(connection, in_order)

    def removal(self) -> Removal | None:
        """The newest month that retention removed from the log's beginning; None for a complete log."""
        with self.snapshot() as connection:
            return newest_removal(connection)

    def true_times(self, entries: Iterable[LogEntry]) -> dict[int, datetime]:
        """Map record numbers to true times, for entries with an untrusted clock that resolve by now."""
        untrusted = [(entry.seq, entry.boot, entry.mono_ms, entry.clock) for entry in entries]
        if all(clock == ClockState.TRUSTED for *_, clock in untrusted):
            return {}
        with self.snapshot() as connection:
            return resolved_times(connection, untrusted)

    def order_outcome(self, registry_id: str, order_id: int) -> LogEntry | None:
        """The record (`order_done` or `order_refused`) of an order; None until the door has answered."""
        sql = "SELECT seq FROM orders_done WHERE registry_id = ? AND order_id = ?"
        return self._entry_at(sql, (registry_id, order_id))

    def newest_checkpoint(self) -> str | None:
        """The newest checkpoint as a signed note; None for a log that was never signed."""
        with self.snapshot() as connection:
            return key_records.newest_checkpoint(connection) if _has_checkpoints(connection) else None

    def checkpoint_covering(self, seq: int) -> str | None:
        """The oldest checkpoint that covers record `seq`; None while the record is unsigned."""
        with self.snapshot() as connection:
            covering = None
            if _has_checkpoints(connection):
                covering = key_records.covering_checkpoint(connection, seq)
            return None if covering is None else covering[1]

    def log_keys(self) -> list[LogKey]:
        """All key records in order, each with the checkpoint that put it into force."""
        with self.snapshot() as connection:
            return key_records.log_keys(connection) if _has_checkpoints(connection) else []

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One snapshot, for the other readers in controller/journal."""
        with self._connections.snapshot() as connection:
            yield connection

    def one_moment(self) -> AbstractContextManager[None]:
        """For readings that belong together, such as those of one page: see ReadConnections.one_moment."""
        return self._connections.one_moment()

    def close(self) -> None:
        self._connections.close()

    def __enter__(self) -> "JournalReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entry_at(self, sql: str, key: tuple[str | int, ...]) -> LogEntry | None:
        with self.snapshot() as connection:
            row = connection.execute(sql, key).fetchone()
            return next(iter(entries(connection, [row[0]])), None) if row else None


def _has_rights(connection: sqlite3.Connection) -> bool:
    """False for a journal from before rights were recorded."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) >= FIRST_WITH_RIGHTS


def _has_checkpoints(connection: sqlite3.Connection) -> bool:
    """False for a journal of an older Genkan that the door has not migrated yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) >= FIRST_SIGNED
