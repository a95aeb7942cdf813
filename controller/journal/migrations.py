"""The schema of journal.db, step by step. Steps only add; never edit a released step.

The door imports this module only when a step is pending, so other starts do without sqlite_utils.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from controller.journal.proof.merkle import whole_subtrees
from controller.journal.schema import APPLICATION_ID

journal_migrations = Migrations("journal")

_FIRST = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    leaf BLOB NOT NULL,
    salt BLOB,
    details TEXT,
    filed INTEGER NOT NULL DEFAULT 1 CHECK (filed IN (0, 1)),
    utc TEXT GENERATED ALWAYS AS (json_extract(body, '$.utc')) VIRTUAL,
    type TEXT GENERATED ALWAYS AS (json_extract(body, '$.type')) VIRTUAL,
    section TEXT GENERATED ALWAYS AS (json_extract(body, '$.section')) VIRTUAL,
    door TEXT GENERATED ALWAYS AS (json_extract(body, '$.door')) VIRTUAL,
    person TEXT GENERATED ALWAYS AS (json_extract(body, '$.person')) VIRTUAL,
    CHECK ((salt IS NULL) = (details IS NULL))
) STRICT;
CREATE INDEX events_by_section ON events (section, door) WHERE filed = 1;
CREATE INDEX events_by_person ON events (person, section, door) WHERE person IS NOT NULL AND filed = 1;
CREATE TABLE latest (thing TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE orders_done (
    registry_id TEXT NOT NULL, order_id INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (registry_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE copied (registry_id TEXT PRIMARY KEY, last_action INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE spans (
    id INTEGER PRIMARY KEY, low TEXT NOT NULL, high TEXT NOT NULL, trusted TEXT, settled INTEGER NOT NULL
) STRICT;
CREATE TRIGGER events_are_numbered BEFORE INSERT ON events
WHEN NEW.seq IS NOT coalesce((SELECT max(seq) FROM events), 0) + 1
BEGIN SELECT RAISE(ABORT, 'journal: a record takes the next number'); END;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN NEW.seq IS NOT OLD.seq OR NEW.body IS NOT OLD.body OR NEW.leaf IS NOT OLD.leaf OR NEW.filed < OLD.filed
OR (NEW.details IS NOT OLD.details AND (NEW.details IS NOT NULL OR NEW.salt IS NOT NULL))
OR (NEW.salt IS NOT OLD.salt AND (NEW.details IS NOT NULL OR NEW.salt IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'journal: a record is never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'journal: a record is never deleted'); END;
"""


@journal_migrations()
def events_with_details(db: Database) -> None:
    """`latest`, `spans`, `copied` and `orders_done` derive from the events and can be rebuilt from them.

    Details lie beside the record, under a salt; the door may erase them as a whole but never change them.
    A grant that a person waits for is written with `filed` 0 and enters the indexes with the next record.
    The trigger on INSERT stops INSERT OR REPLACE, which fires no DELETE trigger.
    """
    for statement in _statements(_FIRST):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


_SECOND = """
ALTER TABLE spans ADD COLUMN synchronised TEXT;
CREATE INDEX key_records ON events (seq) WHERE type IN ('log_started', 'log_key_added', 'log_restored');
CREATE TABLE nodes (
    level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE removed (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'journal: a checkpoint is never changed'); END;
CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'journal: a checkpoint is never deleted'); END;
CREATE TRIGGER removed_is_a_record_that_was BEFORE INSERT ON removed
WHEN NOT EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq AND leaf = NEW.leaf)
BEGIN SELECT RAISE(ABORT, 'journal: only the leaf of a record is kept'); END;
CREATE TRIGGER removed_is_never_changed BEFORE UPDATE ON removed
BEGIN SELECT RAISE(ABORT, 'journal: a leaf is never changed'); END;
CREATE TRIGGER removed_is_never_deleted BEFORE DELETE ON removed
BEGIN SELECT RAISE(ABORT, 'journal: a leaf is never deleted'); END;
DROP TRIGGER events_are_never_deleted;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM removed WHERE seq = OLD.seq AND leaf = OLD.leaf)
BEGIN SELECT RAISE(ABORT, 'journal: a record is never deleted'); END;
"""


@journal_migrations()
def tree_and_checkpoints(db: Database) -> None:
    """`nodes` are full subtrees of the Merkle tree (levels 8, 16, 24), derived from the leaves.

    A record past its retention leaves its leaf in `removed`; otherwise the trigger refuses to delete it.
    `spans.synchronised` is like `trusted` but counts only records whose clock was synchronised.
    """
    for statement in _statements(_SECOND):
        db.execute(statement)
    leaves = (row[0] for row in db.execute("SELECT leaf FROM events ORDER BY seq"))
    for node in whole_subtrees(leaves):
        db.execute("INSERT INTO nodes (level, place, hash) VALUES (?, ?, ?)", node)
    db.execute("PRAGMA user_version = 2")


@journal_migrations()
def index_of_alarms(db: Database) -> None:
    """Search the text, without JSON functions: a damaged record must not stop the door from starting."""
    db.execute("CREATE INDEX alarms ON events (seq) WHERE instr(body, '\"alarm\":1') > 0")
    db.execute("PRAGMA user_version = 3")


_FOURTH = """
CREATE TABLE read_counters (
    key TEXT PRIMARY KEY, counter INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER read_counters_never_fall BEFORE UPDATE ON read_counters
WHEN NEW.counter < OLD.counter OR NEW.key IS NOT OLD.key
BEGIN SELECT RAISE(ABORT, 'journal: a counter of readings never falls'); END;
CREATE TRIGGER read_counters_are_never_deleted BEFORE DELETE ON read_counters
BEGIN SELECT RAISE(ABORT, 'journal: a counter of readings is never deleted'); END;
"""


@journal_migrations()
def read_counters(db: Database) -> None:
    """The highest counter read under each key of a card that counts its readings (SUN).

    Not derived: retention removes the record but not its counter. `key` is a name that reveals neither card
    nor person, so erasing a person leaves it.
    """
    for statement in _statements(_FOURTH):
        db.execute(statement)
    db.execute("PRAGMA user_version = 4")


_FIFTH = """
CREATE TABLE rights_in_force (
    kind TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
"""


@journal_migrations()
def rights_in_force(db: Database) -> None:
    """Of each subject the newest digest of its rights that a record holds; see journal/rights.py."""
    for statement in _statements(_FIFTH):
        db.execute(statement)
    db.execute("PRAGMA user_version = 5")


_SIXTH = """
CREATE TABLE registry_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1), registry_id TEXT NOT NULL, version INTEGER NOT NULL,
    last_action INTEGER NOT NULL, action_hash BLOB, rolled_back_utc TEXT
) STRICT;
ALTER TABLE copied ADD COLUMN repeated_up_to INTEGER NOT NULL DEFAULT 0;
"""


@journal_migrations()
def registry_mark(db: Database) -> None:
    """What the log knows of the registry; see journal/registry_mark.py.

    `copied.repeated_up_to`: of an accepted registry the last action that the log has had before.
    """
    for statement in _statements(_SIXTH):
        db.execute(statement)
    db.execute("PRAGMA user_version = 6")


def apply(connection: sqlite3.Connection) -> None:
    # First: after a power cut during the steps below, the file must still be recognised as a journal.
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    journal_migrations.apply(Database(connection, recursive_triggers=False))


def _statements(script: str) -> list[str]:
    """Split at SQLite's statement ends; `executescript` would commit a step half-way."""
    statements, pending = [], ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
