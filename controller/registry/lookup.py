"""The door's side of the registry: one indexed SELECT per tap, no cache that could be stale.

The door treats registry.db as foreign input: a regular file, the schema of a Genkan, limits on time, lengths
and rows, and values of the right type. Anything else is RegistryUnreadable, NewerDatabase or CorruptDatabase;
nothing else is raised. Standard library only, so that the door process stays small.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from controller.errors import TechnicianError
from controller.model.access import AccessRecord, Schedule
from controller.model.definitions import Definitions
from controller.model.lockdowns import LoggedLockdown
from controller.model.operators import OperatorRole
from controller.model.orders import ActionType, OperatorAction, Order, UnreadableOrder
from controller.model.pins import StoredPin
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.model.registry_mark import FoundRegistry, RegistryMark
from controller.model.rule_book import RuleBook
from controller.registry import (
    access_records,
    card_keys,
    definitions,
    door_rows,
    found_rights,
    history,
    lockdowns,
    pins,
)
from controller.registry.access_records import BadgeRefused, Meta, meta_of
from controller.registry.card_keys import WrappedKey
from controller.registry.copy_rows import copy_rows
from controller.registry.erasures import ErasureRow
from controller.registry.restrictions import Restrictions, restrictions_after
from controller.registry.rights import readable_rights, rights_now
from controller.registry.schema import (
    FIRST_WITH_CARD_KEYS,
    FIRST_WITH_RULES,
    SCHEMA,
    corrupt,
    is_corrupt,
    refuse_newer,
    refuse_newer_to_read,
    schema_of,
)
from controller.sqlite.foreign import ForeignDatabase

_BADGES_AT_ONCE = 1000
_META = "SELECT registry_version, min_reader, registry_id FROM meta"


class RegistryUnreadable(TechnicianError):
    """registry.db can't be read at present (missing, disk, lock, permission, not what a Genkan writes)."""


class BadgeUnreadable(RegistryUnreadable):
    """The data of one badge or its holder can't be read; all others can."""

    badge: str  # its id, "" where that cannot be read either

    def __init__(self, sentence: str, badge: str) -> None:
        super().__init__(sentence)
        self.badge = badge


class RegistryReader:
    """Reads cards and rules through one connection; for one thread at a time."""

    def __init__(self, file: Path, db: sqlite3.Connection) -> None:
        self.file = file
        self.version = 0  # registry_version as the newest find() saw it
        self.registry_id = ""
        self.schema = SCHEMA
        self.current: Definitions | None = None  # as the newest `find` or `definitions` read them
        self.content_version = 0  # differs from its earlier value if anything was committed since
        self._db = db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Around all statements of one question: they see one state of the file."""
        with translate_errors(self.file):
            yield self._db

    def _refresh(self) -> None:
        row = self._db.execute(_META).fetchone()
        self._note(None if row is None else meta_of(row))

    def _note(self, meta: Meta | None) -> None:
        if meta is None:
            raise RegistryUnreadable(f"{self.file} is being created; try again.")
        refuse_newer_to_read(meta.min_reader, self.file)
        self.version, self.registry_id = meta.version, meta.registry_id

    def find(self, card_hash: bytes, access_point: str) -> AccessRecord | None:
        """All data on this card at this access point. Also updates `version`, from the same snapshot.

        Raises BadgeUnreadable if only the data of this badge or its holder is at fault.
        """
        with self._reading() as db:
            try:
                found = access_records.find(db, self.schema, card_hash)
            except BadgeRefused as error:
                raise BadgeUnreadable(
                    f"{self.file} holds data of {error} that this Genkan does not understand; "
                    "restore a backup, or install the newer Genkan.",
                    error.badge,
                ) from error
            self._note(found.meta)
            current = self._definitions_in(db)
            if found.record is None:
                return None
            return replace(found.record, rules=current.rules_at(access_point, found.record.levels))

    def definitions(self) -> Definitions:
        """The same object as before if nothing has changed."""
        with self._reading() as db:
            return self._definitions_in(db)

    def _definitions_in(self, db: sqlite3.Connection) -> Definitions:
        """This reader reads one state of the registry for all its life."""
        if self.current is None:
            self.current = self._read_definitions(db)
        return self.current

    def _read_definitions(self, db: sqlite3.Connection) -> Definitions:
        has_rules, before = self._has_rules, self.current or Definitions()
        with self._definition("schedules", "correct them on the web"):
            schedules, digests = definitions.schedules_with_digests(db, has_rules)
        with self._definition("access levels", "correct them on the web"):
            levels, of_levels = definitions.levels_with_digests(db)
        digests |= of_levels
        found = Definitions(schedules=schedules, levels=levels, digests=digests)
        if has_rules:
            with self._definition("a rule book", "publish the rules again on the web"):
                book, of_book = definitions.rule_book_with_digest(db, before)
            with self._definition("holidays", "publish the rules again"):
                day_types, of_days = definitions.days_with_digest(db)
            with self._definition("lockdowns", "begin the lockdown again"):
                lockdowns, of_lockdowns = definitions.lockdowns_with_digest(db)
            digests |= of_book | of_days | of_lockdowns
            found = replace(found, book=book, day_types=day_types, lockdowns=lockdowns)
        is_same = found.digests == before.digests and found.lockdowns == before.lockdowns
        return before if is_same else found

    def pin(self, person: str) -> StoredPin | None:
        with self._reading() as db:
            return pins.pin_for_door(db, person) if self._has_rules else None

    def card_key(self, card_hash: bytes) -> WrappedKey | None:
        """The key that the badge must prove; None for a badge that is checked by its number only."""
        with self._reading() as db:
            return card_keys.wrapped_key(db, card_hash) if self._has_card_keys else None

    def foreign_card_keys(self, door: str) -> int:
        """Count of badges whose key is wrapped to another door key than this one."""
        with self._reading() as db:
            return card_keys.wrapped_elsewhere(db, door) if self._has_card_keys else 0

    @property
    def _has_card_keys(self) -> bool:
        return self.schema >= FIRST_WITH_CARD_KEYS

    @property
    def _has_rules(self) -> bool:
        return self.schema >= FIRST_WITH_RULES

    def rule_book(self) -> RuleBook:
        """The newest published rule book."""
        return self.definitions().book

    def schedules(self) -> dict[str, Schedule]:
        """Schedules by name, as door modes refer to them."""
        return self.definitions().schedules_by_name

    def day_types(self) -> Mapping[date, str]:
        """Day types by date, for days with a type of their own."""
        return self.definitions().day_types

    def lockdowns_since(self) -> Mapping[str, datetime]:
        """The time each lockdown began, by area."""
        return self.definitions().lockdowns

    def _begin_statement(self) -> None:
        """Before each of many statements in one reading: each has the whole time limit, if there is one."""

    @contextmanager
    def _definition(self, what: str, remedy: str) -> Iterator[None]:
        self._begin_statement()
        try:
            yield
        except ValueError as error:
            raise RegistryUnreadable(
                f"{self.file} holds {what} that this Genkan does not understand ({error}); {remedy}, or "
                "install the newer Genkan."
            ) from error

    def has_lockdown_action(self, logged: LoggedLockdown) -> bool:
        """Whether this registry holds the logged action, or an operator has ended the lockdown since."""
        with self._reading() as db:
            return lockdowns.has_action(db, logged)

    def close(self) -> None:
        self._db.close()


class Lookup(RegistryReader):
    """Reads registry.db itself; open one per thread."""

    def __init__(self, file: Path) -> None:
        """Open without write access, whether a writer runs or not; the schema is checked at the first read.

        Raises RegistryUnreadable (missing, no permission, foreign content), CorruptDatabase or NewerDatabase.
        """
        with translate_errors(file):
            self._foreign = ForeignDatabase(file, self._check_schema)
        super().__init__(file, self._foreign.connection)
        try:
            self.refresh()
        except BaseException:
            self._foreign.close()
            raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translate_errors(self.file), self._foreign.snapshot() as db:
            self._db = db
            yield db

    def _begin_statement(self) -> None:
        self._foreign.begin_statement()

    def _check_schema(self, db: sqlite3.Connection) -> None:
        found = schema_of(db)
        if found is None:
            refuse_newer(db, self.file)
            raise RegistryUnreadable(
                f"{self.file} has tables, views, triggers or indexes that no Genkan creates; restore it from "
                "a backup."
            )
        self.schema = found

    def is_replaced(self) -> bool:
        """Return whether another file is in this one's place, or none: then the caller must reopen it, which
        fails while the file is missing.
        """
        return self._foreign.is_replaced()

    def refresh(self) -> None:
        """Bring `version` and `registry_id` up to date."""
        with self._reading():
            self._refresh()

    def _definitions_in(self, db: sqlite3.Connection) -> Definitions:
        version = self._foreign.version_in_snapshot()
        if self.current is None or version != self.content_version:
            self.current = self._read_definitions(db)
            self.content_version = version
        return self.current

    def data_version(self) -> int:
        """Differs from its earlier value exactly if another connection has committed since."""
        with translate_errors(self.file):
            return self._foreign.data_version()

    def orders_after(self, order_id: int) -> list[Order | UnreadableOrder]:
        """Orders newer than `order_id`, oldest first; of very many the newest."""
        with self._reading() as db:
            return door_rows.orders_after(db, order_id)

    def active_role(self, operator_id: str) -> OperatorRole | None:
        """The role of an operator; None if there is no such operator, or a disabled one."""
        with self._reading() as db:
            return door_rows.active_role(db, operator_id)

    def operator_rights(self, operator_id: str) -> SubjectDigest:
        """The digest of an operator's role and status."""
        subject = Subject(SubjectKind.OPERATOR, operator_id)
        with self._reading() as db:
            return SubjectDigest(subject, rights_now(db, [subject])[subject])

    def has_order_action(self, order: Order, action: ActionType, key: bytes | None) -> bool:
        """Whether one of the newest actions is this operator's, and gave this order."""
        with self._reading() as db:
            return door_rows.has_order_action(db, self.schema, order, action, key=key)

    def actions_after(
        self, action_id: int, limit: int = 100, key: bytes | None = None
    ) -> list[OperatorAction]:
        """Operator actions newer than `action_id`, oldest first. `key`: the card number key, for their
        MACs.
        """
        with self._reading() as db:
            return door_rows.actions_after(db, self.schema, action_id, limit, key=key)

    def found_registry(self, mark: RegistryMark | None, key: bytes | None) -> FoundRegistry:
        """What tells this registry from the one of `mark`. `key`: the card number key."""
        with self._reading() as db:
            found = history.found_registry(db, self.schema, mark, key)
            self._refresh()
            return found

    def rights_page(self, kind: SubjectKind, after: str, limit: int) -> list[SubjectDigest]:
        """Rights as this registry gives them, also beside damaged ones; see model/compared_rights.py."""
        with self._reading() as db:
            return found_rights.readable_rights_page(db, kind, after, limit)

    def rights_now(self, subjects: Collection[Subject]) -> dict[Subject, bytes | None]:
        """The digests of these subjects; None for one that is not there, UNREADABLE for a damaged one."""
        with self._reading() as db:
            return readable_rights(db, subjects)

    def unreadable_badges(self) -> list[str]:
        """Ids of the badges whose own data, or whose holder's, no door can read."""
        found: list[str] = []
        last: bytes | None = b""
        with self._reading() as db:
            while last is not None:
                self._foreign.begin_statement()
                page = access_records.hashes_after(db, last, _BADGES_AT_ONCE)
                for card_hash in page:
                    self._foreign.begin_statement()
                    try:
                        access_records.find(db, self.schema, card_hash)
                    except BadgeRefused as error:
                        found.append(error.badge)
                last = page[-1] if page else None
        return found

    def action_hash(self, action_id: int) -> bytes | None:
        """Of what no erasure changes about an action; None without it."""
        with self._reading() as db:
            return history.action_hash(db, action_id)

    def action(self, action_id: int, key: bytes) -> OperatorAction | None:
        """The operator action with this id; `key` as for `actions_after`."""
        found = self.actions_after(action_id - 1, limit=1, key=key)
        return found[0] if found and found[0].id == action_id else None

    def restrictions_after(self, action_id: int) -> Restrictions:
        """Badges and people that actions newer than `action_id` have left blocked or deleted."""
        with self._reading() as db, self._definition("a status", "change it on the web"):
            return restrictions_after(db, action_id)

    def copy_to(self, target: sqlite3.Connection, step: Callable[[], None]) -> None:
        """Copy the rows of one snapshot that a door decides from; call `step` now and then (`copy_rows`)."""
        with self._reading() as db:
            self._refresh()
            copy_rows(db, target, self._foreign.begin_statement, step)

    def erasures(self, limit: int = 1000) -> list[ErasureRow]:
        """Requests to erase people from the log, oldest first; the door may have done some already."""
        with self._reading() as db:
            return door_rows.unfinished_erasures(db, self.schema, limit)

    def close(self) -> None:
        with translate_errors(self.file):
            self._foreign.close()


@contextmanager
def translate_errors(file: Path) -> Iterator[None]:
    """Turn errors of SQLite, of the system and of unexpected values into Genkan's."""
    try:
        yield
    except sqlite3.Error as error:
        if is_corrupt(error):
            raise corrupt(file, error) from error
        raise RegistryUnreadable(f"{file} cannot be read ({error}); check disk and permissions.") from error
    except UnicodeDecodeError as error:
        raise corrupt(file, error) from error
    except ValueError as error:
        raise RegistryUnreadable(
            f"{file} holds values that no Genkan writes ({error}); restore it from a backup."
        ) from error
    except OSError as error:
        raise RegistryUnreadable(f"{file}: {error.strerror}; check disk and permissions.") from error
