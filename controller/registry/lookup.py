"""The door's side of the registry: one indexed SELECT per tap, no cache that could be stale.

Standard library only, so that the door process stays small. Every error of SQLite becomes RegistryUnreadable,
NewerDatabase or CorruptDatabase; nothing else is raised.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from controller.errors import TechnicianError
from controller.model.access import AccessRecord, AccessRule, Schedule, SpecialDay, TimeWindow
from controller.model.credentials import (
    Assurance,
    Cardholder,
    CardholderStatus,
    Credential,
    CredentialStatus,
)
from controller.model.lockdowns import LoggedLockdown
from controller.model.orders import OperatorAction, Order
from controller.model.pins import StoredPin
from controller.model.rule_book import RuleBook
from controller.registry import card_keys, holidays, lockdowns, rule_books
from controller.registry.actions import actions_after
from controller.registry.card_keys import WrappedKey
from controller.registry.erasures import ErasureRow, unfinished
from controller.registry.lock import hold_lock, lock_file
from controller.registry.moments import utc_moment_or_none
from controller.registry.orders import orders_after
from controller.registry.pins import pin_of
from controller.registry.restrictions import Restrictions, restrictions_after
from controller.registry.schedules import all_schedules, special_days
from controller.registry.schema import (
    FIRST_WITH_CARD_KEYS,
    FIRST_WITH_RULES,
    corrupt,
    is_corrupt,
    refuse_newer_to_read,
)

_META = "SELECT registry_version, min_reader, registry_id FROM meta"
# One statement is one snapshot. LEFT JOINs force SQLite to this order: from the one row of meta to the one
# card, its holder, and the holder's levels.
_HEAD = """
    SELECT m.registry_version, m.min_reader, m.registry_id,
           c.id, c.status, c.last_four, c.valid_from, c.valid_until, c.assurance, h.id, h.name, h.status,"""
_RULE_COLUMNS = """ h.category, h.overrides, h.more_time, EXISTS (SELECT 1 FROM special_windows),
           l.valid_from, l.valid_until,"""
_NO_RULE_COLUMNS = " NULL, 0, 0, 0, NULL, NULL,"  # schema 3: the web service has not migrated the file yet
_TAIL = """
           s.id, s.name, s.always, w.weekday, w.start, w.end
    FROM meta AS m
    LEFT JOIN credentials AS c ON c.card_hash = ?
         AND (c.import_id IS NULL
              OR EXISTS (SELECT 1 FROM imports WHERE id = c.import_id AND published_utc IS NOT NULL))
    LEFT JOIN cardholders AS h ON h.id = c.cardholder_id
    LEFT JOIN cardholder_levels AS l ON l.cardholder_id = h.id
    LEFT JOIN access_rules AS r ON r.level_id = l.level_id AND r.access_point = ?
    LEFT JOIN schedules AS s ON s.id = r.schedule_id
    LEFT JOIN schedule_windows AS w ON w.schedule_id = s.id"""
_FIND = _HEAD + _RULE_COLUMNS + _TAIL
# Each row has meta, badge and holder, and then one window of one of the holder's rules.
_CARD, _RULE = slice(0, 16), slice(16, 24)
_FIND_3 = _HEAD + _NO_RULE_COLUMNS + _TAIL
_QUALIFICATIONS = "SELECT qualification, holds_until FROM cardholder_qualifications WHERE cardholder_id = ?"


class RegistryUnreadable(TechnicianError):
    """registry.db can't be read at present (missing, disk, lock, permission)."""


class RegistryReader:
    """Reads cards and rules through one connection; for one thread at a time."""

    def __init__(self, file: Path, db: sqlite3.Connection) -> None:
        self.file = file
        self.version = 0  # registry_version as the newest find() saw it
        self.registry_id = ""
        self._found_rules = self._found_card_keys = False
        self._db = db

    @property
    def schema(self) -> int:
        """The file's schema version."""
        with translate_sqlite_errors(self.file):
            return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _refresh(self) -> None:
        self._note(self._db.execute(_META).fetchone())

    def _note(self, row: tuple[Any, ...] | None) -> tuple[Any, ...]:
        """Store the version and id with which a row begins, and return the row."""
        if row is None:
            raise RegistryUnreadable(f"{self.file} is being created; try again.")
        if row[1] > 1:
            refuse_newer_to_read(row[1], self.file)
        self.version, self.registry_id = row[0], row[2]
        return row

    def find(self, card_hash: bytes, access_point: str) -> AccessRecord | None:
        """All data on this card at this access point. Also updates `version`, from the same snapshot."""
        with translate_sqlite_errors(self.file):
            rows = self._db.execute(
                _FIND if self._has_rules() else _FIND_3, (card_hash, access_point)
            ).fetchall()
            card = self._note(rows[0] if rows else None)
            (
                _,
                _,
                _,
                badge_id,
                badge_status,
                last_four,
                valid_from,
                valid_until,
                assurance,
                person_id,
                name,
                status,
                category,
                overrides,
                more_time,
                has_special_days,
            ) = card[_CARD]
            qualifications = self._qualifications(person_id) if person_id and self._found_rules else ()
            special = _special_days(self._db, rows) if has_special_days else {}
        if badge_id is None or person_id is None:
            return None
        try:
            return AccessRecord(
                Credential(
                    badge_id,
                    CredentialStatus(badge_status),
                    last_four,
                    utc_moment_or_none(valid_from),
                    valid_until=utc_moment_or_none(valid_until),
                    assurance=Assurance(assurance),
                ),
                Cardholder(
                    person_id,
                    name,
                    CardholderStatus(status),
                    category,
                    qualifications=tuple((held, date.fromisoformat(until)) for held, until in qualifications),
                    overrides=bool(overrides),
                    more_time=bool(more_time),
                ),
                _rules(access_point, rows, special),
            )
        except (ValueError, TypeError) as error:
            raise RegistryUnreadable(
                f"{self.file} holds data of badge {badge_id} that this Genkan does not understand ({error}); "
                "change the badge or its person on the web, or install the newer Genkan."
            ) from error

    def _qualifications(self, person: str) -> list[tuple[str, str]]:
        return self._db.execute(_QUALIFICATIONS, (person,)).fetchall()

    def pin(self, person: str) -> StoredPin | None:
        with translate_sqlite_errors(self.file):
            return pin_of(self._db, person) if self._has_rules() else None

    def card_key(self, card_hash: bytes) -> WrappedKey | None:
        """The key that the badge must prove; None for a badge that is checked by its number only."""
        with translate_sqlite_errors(self.file):
            return card_keys.wrapped_key(self._db, card_hash) if self._has_card_keys() else None

    def foreign_card_keys(self, door: str) -> int:
        """Count of badges whose key is wrapped to another door key than this one."""
        with translate_sqlite_errors(self.file):
            return card_keys.wrapped_elsewhere(self._db, door) if self._has_card_keys() else 0

    def _has_card_keys(self) -> bool:
        if not self._found_card_keys:
            self._found_card_keys = (
                self._db.execute("PRAGMA user_version").fetchone()[0] >= FIRST_WITH_CARD_KEYS
            )
        return self._found_card_keys

    def _has_rules(self) -> bool:
        """Whether the file has the tables of the rules. Migrations only add, so a yes stays a yes."""
        if not self._found_rules:
            self._found_rules = self._db.execute("PRAGMA user_version").fetchone()[0] >= FIRST_WITH_RULES
        return self._found_rules

    def rule_book(self) -> RuleBook:
        """The newest published rule book."""
        with translate_sqlite_errors(self.file):
            if not self._has_rules():
                return RuleBook()
            try:
                return rule_books.newest_book(self._db)
            except ValueError as error:
                raise RegistryUnreadable(
                    f"{self.file} holds a rule book that this Genkan does not understand ({error}); publish "
                    "the rules again on the web, or install the newer Genkan."
                ) from error

    def schedules(self) -> dict[str, Schedule]:
        """Schedules by name, as door modes refer to them."""
        with translate_sqlite_errors(self.file):
            if not self._has_rules():
                return {}
            return {one.name: one for one in all_schedules(self._db)}

    def day_types(self) -> Mapping[date, str]:
        """Day types by date, for days with a type of their own."""
        with translate_sqlite_errors(self.file):
            try:
                return holidays.day_types(self._db) if self._has_rules() else {}
            except ValueError as error:
                raise RegistryUnreadable(
                    f"{self.file} holds a holiday with an invalid date ({error}); publish the rules again."
                ) from error

    def lockdowns(self) -> frozenset[str]:
        with translate_sqlite_errors(self.file):
            return rule_books.lockdowns(self._db) if self._has_rules() else frozenset()

    def lockdowns_since(self) -> Mapping[str, datetime]:
        """The time each lockdown began, by area."""
        with translate_sqlite_errors(self.file):
            if not self._has_rules():
                return {}
            try:
                return lockdowns.begin_times(self._db)
            except ValueError as error:
                raise RegistryUnreadable(
                    f"{self.file} holds a lockdown with an invalid time ({error}); begin the lockdown again."
                ) from error

    def has_lockdown_action(self, word: LoggedLockdown) -> bool:
        """Whether this registry holds the logged action, or an operator has ended the lockdown since."""
        with translate_sqlite_errors(self.file):
            return lockdowns.has_action(self._db, word)

    def close(self) -> None:
        self._db.close()


class Lookup(RegistryReader):
    """Reads registry.db itself; open one per thread."""

    def __init__(self, file: Path) -> None:
        """Open read-write with query_only=ON, so that this process can recover a crashed writer's WAL.

        Raises RegistryUnreadable (missing, no permission), CorruptDatabase or NewerDatabase.
        """
        with translate_sqlite_errors(file):
            db = sqlite3.connect(
                file.absolute().as_uri() + "?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=0.5,  # waits only for recovery of a WAL; a reader never waits for a writer
                check_same_thread=False,
            )
        super().__init__(file, db)
        try:
            with translate_sqlite_errors(file):
                self._inode = file.stat().st_ino
                self._db.execute("PRAGMA query_only = ON")
                self._db.execute("PRAGMA trusted_schema = OFF")
                self._db.execute("PRAGMA wal_autocheckpoint = 0")
                self._db.execute("PRAGMA cache_size = -4096")
                self._refresh()
        except BaseException:
            self._db.close()
            raise

    def is_replaced(self) -> bool:
        """Return whether a restore has put another file in this one's place: then the caller must reopen it.

        False if the file is missing: the open connection still reads the old file.
        """
        try:
            return self.file.stat().st_ino != self._inode
        except OSError:
            return False

    def refresh(self) -> None:
        """Bring `version` and `registry_id` up to date."""
        with translate_sqlite_errors(self.file):
            self._refresh()

    def data_version(self) -> int:
        """Differs from its earlier value exactly if another connection has committed since."""
        with translate_sqlite_errors(self.file):
            number: int = self._db.execute("PRAGMA data_version").fetchone()[0]
            return number

    def orders_after(self, order_id: int) -> list[Order]:
        """Orders newer than `order_id`, oldest first."""
        with translate_sqlite_errors(self.file):
            return orders_after(self._db, order_id)

    def actions_after(self, action_id: int, limit: int = 100) -> list[OperatorAction]:
        """Operator actions newer than `action_id`, oldest first."""
        with translate_sqlite_errors(self.file):
            return actions_after(self._db, action_id, limit)

    def restrictions_after(self, action_id: int) -> Restrictions:
        """Badges and people that actions newer than `action_id` have left blocked or deleted."""
        with translate_sqlite_errors(self.file):
            try:
                return restrictions_after(self._db, action_id)
            except ValueError as error:
                raise RegistryUnreadable(
                    f"{self.file} holds a status that this Genkan does not understand ({error}); install the "
                    "newer Genkan."
                ) from error

    def copy_to(self, target: sqlite3.Connection, pages: int, step: Callable[[], None]) -> None:
        """Copy one snapshot of the whole file; call `step` after each `pages` pages.

        The read transaction matters: without it SQLite restarts the copy after each write by another process.
        """
        with translate_sqlite_errors(self.file):
            self._db.execute("BEGIN")
            try:
                self._refresh()
                self._db.backup(target, pages=pages, progress=lambda status, left, whole: step())
            finally:
                self._db.execute("ROLLBACK")

    def erasures(self, limit: int = 100) -> list[ErasureRow]:
        """Requests to erase people from the log, oldest first; the door may have done some already."""
        with translate_sqlite_errors(self.file):
            return unfinished(self._db, limit)

    def close(self) -> None:
        """Close under the writers' lock: the last connection to close checkpoints the WAL."""
        with translate_sqlite_errors(self.file):
            try:
                with hold_lock(lock_file(self.file)):
                    self._db.close()
            finally:
                self._db.close()  # no permission for the lock means none to checkpoint, either


def _special_days(
    db: sqlite3.Connection, rows: list[tuple[Any, ...]]
) -> Mapping[str, tuple[SpecialDay, ...]]:
    schedule_ids = {schedule_id for _, _, schedule_id, *_ in (row[_RULE] for row in rows)}
    return special_days(db, schedule_ids - {None})


def _rules(
    access_point: str, rows: list[tuple[Any, ...]], special: Mapping[str, tuple[SpecialDay, ...]]
) -> tuple[AccessRule, ...]:
    """Group rows into rules. A schedule in two levels with different times gives two rules."""
    found: dict[tuple[str | None, ...], tuple[str, bool, list[TimeWindow]]] = {}
    for row in rows:
        valid_from, valid_until, schedule_id, name, always, weekday, start, end = row[_RULE]
        if schedule_id is None:
            continue  # this level has no rule for the access point
        windows = found.setdefault((schedule_id, valid_from, valid_until), (name, bool(always), []))[2]
        if weekday is not None:
            windows.append(TimeWindow(weekday, start, end))
    return tuple(
        AccessRule(
            access_point,
            Schedule(str(id), name, tuple(dict.fromkeys(windows)), always, special=special.get(str(id), ())),
            utc_moment_or_none(valid_from),
            utc_moment_or_none(valid_until),
        )
        for (id, valid_from, valid_until), (name, always, windows) in found.items()
    )


@contextmanager
def translate_sqlite_errors(file: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into Genkan's, for callers outside this folder."""
    try:
        yield
    except sqlite3.Error as error:
        if is_corrupt(error):
            raise corrupt(file, error) from error
        raise RegistryUnreadable(f"{file} cannot be read ({error}); check disk and permissions.") from error
    except UnicodeDecodeError as error:
        raise corrupt(file, error) from error
    except OSError as error:
        raise RegistryUnreadable(f"{file}: {error.strerror}; check disk and permissions.") from error
