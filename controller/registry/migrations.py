"""The schema of registry.db, step by step. Steps only add; never change a released step."""

import secrets
import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from controller.registry.accounts.from_registry import copy_accounts
from controller.registry.name_folding import search_text, sort_key
from controller.registry.schema import FIRST_WITHOUT_ACCOUNTS, SCHEMA

steps = Migrations("registry")

ALWAYS = "always"  # the built-in schedule: id and name


@steps(name="1_first")
def first(db: Database) -> None:
    for statement in _FIRST:
        db.conn.execute(statement)
    db.conn.execute("INSERT INTO meta VALUES (1, ?, 1, 1)", (secrets.token_hex(16),))
    db.conn.execute("INSERT INTO schedules VALUES (?, ?, 1)", (ALWAYS, ALWAYS))


@steps(name="2_erasures")
def erasures(db: Database) -> None:
    for statement in _SECOND:
        db.conn.execute(statement)


@steps(name="3_alarm_acknowledgements")
def alarm_acknowledgements(db: Database) -> None:
    db.conn.execute(_THIRD)


@steps(name="4_rules_of_the_floor")
def rules(db: Database) -> None:
    for statement in _FOURTH:
        db.conn.execute(statement)


@steps(name="5_card_keys")
def card_keys(db: Database) -> None:
    for statement in _FIFTH:
        db.conn.execute(statement)


@steps(name="6_issuing_station")
def issuing_station(db: Database) -> None:
    db.conn.execute(_SIXTH)


@steps(name="7_folded_names")
def folded_names(db: Database) -> None:
    """Refold all names: comparison now ignores spaces, width and kind of kana."""
    held = db.conn.execute("SELECT id, name, kana FROM cardholders").fetchall()
    db.conn.executemany(
        "UPDATE cardholders SET sort_key = ?, search_text = ? WHERE id = ?",
        [(sort_key(name, kana), search_text(name, kana), id_) for id_, name, kana in held],
    )


@steps(name="8_rights_on_the_record")
def rights_on_the_record(db: Database) -> None:
    for statement in _EIGHTH:
        db.conn.execute(statement)


@steps(name="9_pending_erasures")
def pending_erasures(db: Database) -> None:
    db.conn.execute(_NINTH)


@steps(name="10_accounts_apart")
def accounts_apart(db: Database) -> None:
    """What sign-in depends on moves to accounts.db, where it is before it is gone here."""
    copy_accounts(db.conn)
    for statement in _TENTH:
        db.conn.execute(statement)


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate the file to SCHEMA. Call under registry.lock."""
    before: int = connection.execute("PRAGMA user_version").fetchone()[0]
    steps.apply(Database(connection, execute_plugins=False))
    if 0 < before < FIRST_WITHOUT_ACCOUNTS:
        connection.execute("VACUUM")  # pages that held password hashes
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.execute(f"PRAGMA user_version = {SCHEMA}")


# References to people, badges, levels … are random hex, so that a record in the log names nobody.
# Rows of an unpublished import (imports.published_utc) are invisible everywhere: readers use the published_*
# views, and the door's query uses the same condition.
_FIRST = (
    """CREATE TABLE meta (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        registry_id TEXT NOT NULL,
        registry_version INTEGER NOT NULL,
        min_reader INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE imports (
        id TEXT PRIMARY KEY,
        operator_id TEXT NOT NULL,
        started_utc TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        rows INTEGER NOT NULL,
        staged INTEGER NOT NULL DEFAULT 0 CHECK (staged IN (0, 1)),
        published_utc TEXT
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE cardholders (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kana TEXT NOT NULL,
        sort_key TEXT NOT NULL,
        search_text TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
        import_id TEXT REFERENCES imports (id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX cardholders_sorted ON cardholders (sort_key, id)",
    "CREATE INDEX cardholders_named ON cardholders (name)",
    "CREATE INDEX cardholders_imported ON cardholders (import_id) WHERE import_id IS NOT NULL",
    # Clustered by the hash: a tap finds the whole badge in one descent of the tree.
    """CREATE TABLE credentials (
        card_hash BLOB PRIMARY KEY CHECK (length(card_hash) = 32),
        id TEXT NOT NULL UNIQUE,
        cardholder_id TEXT NOT NULL REFERENCES cardholders (id) ON DELETE CASCADE,
        last_four TEXT NOT NULL,
        kind TEXT NOT NULL,
        assurance INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'lost')),
        valid_from TEXT,
        valid_until TEXT,
        import_id TEXT
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX credentials_held ON credentials (cardholder_id)",
    "CREATE INDEX credentials_last_four ON credentials (last_four, id)",
    """CREATE TABLE schedules (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        always INTEGER NOT NULL CHECK (always IN (0, 1))
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE schedule_windows (
        schedule_id TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
        weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
        start INTEGER NOT NULL CHECK (start BETWEEN 0 AND 1439),
        end INTEGER NOT NULL CHECK (end BETWEEN 0 AND 1440),
        PRIMARY KEY (schedule_id, weekday, start, end)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE access_levels (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE access_rules (
        level_id TEXT NOT NULL REFERENCES access_levels (id) ON DELETE CASCADE,
        access_point TEXT NOT NULL,
        schedule_id TEXT NOT NULL REFERENCES schedules (id),
        PRIMARY KEY (level_id, access_point, schedule_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX access_rules_scheduled ON access_rules (schedule_id)",
    """CREATE TABLE cardholder_levels (
        cardholder_id TEXT NOT NULL REFERENCES cardholders (id) ON DELETE CASCADE,
        level_id TEXT NOT NULL REFERENCES access_levels (id),
        PRIMARY KEY (cardholder_id, level_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX cardholder_levels_held ON cardholder_levels (level_id)",
    """CREATE TABLE operators (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        display_name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        role TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('active', 'disabled'))
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY,
        operator_id TEXT NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
        created_utc TEXT NOT NULL,
        last_seen_utc TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sessions_held ON sessions (operator_id)",
    """CREATE TABLE known_browsers (
        token_hash BLOB PRIMARY KEY,
        operator_id TEXT NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
        last_used_utc TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX known_browsers_held ON known_browsers (operator_id, last_used_utc)",
    # `account` and `browser` are hashes: people type passwords into the name field.
    """CREATE TABLE sign_in_failures (
        id INTEGER PRIMARY KEY,
        account BLOB NOT NULL,
        operator_id TEXT REFERENCES operators (id) ON DELETE CASCADE,
        address TEXT NOT NULL,
        browser BLOB,
        utc TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX sign_in_failures_account ON sign_in_failures (account, utc)",
    "CREATE INDEX sign_in_failures_address ON sign_in_failures (address, utc)",
    "CREATE INDEX sign_in_failures_browser ON sign_in_failures (browser, utc) WHERE browser IS NOT NULL",
    """CREATE TABLE set_up_code (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        hash BLOB NOT NULL,
        expires_utc TEXT NOT NULL,
        used_utc TEXT
    ) STRICT""",
    """CREATE TABLE orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        type TEXT NOT NULL,
        door TEXT,
        reader TEXT,
        operator_id TEXT NOT NULL,
        operator_name TEXT NOT NULL,
        reason TEXT,
        boot TEXT NOT NULL,
        boottime_ms INTEGER NOT NULL,
        limit_ms INTEGER NOT NULL,
        utc TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE operator_actions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        utc TEXT NOT NULL,
        operator_id TEXT,
        operator_name TEXT NOT NULL,
        role TEXT NOT NULL,
        action TEXT NOT NULL,
        object_type TEXT,
        object_id TEXT,
        before TEXT,
        after TEXT,
        reason TEXT
    ) STRICT""",
    "CREATE INDEX operator_actions_viewed ON operator_actions (operator_id, utc) WHERE action = 'log_viewed'",
    """CREATE VIEW published_cardholders AS SELECT * FROM cardholders
        WHERE import_id IS NULL
           OR import_id IN (SELECT id FROM imports WHERE published_utc IS NOT NULL)""",
    """CREATE VIEW published_credentials AS SELECT * FROM credentials
        WHERE import_id IS NULL
           OR import_id IN (SELECT id FROM imports WHERE published_utc IS NOT NULL)""",
)

# One row per erased person, without a name, so that pages can explain the reference.
_SECOND = (
    """CREATE TABLE erasures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL UNIQUE,
        badges TEXT NOT NULL,
        card_hashes TEXT,
        actions_before INTEGER NOT NULL,
        asked_utc TEXT NOT NULL,
        operator_id TEXT NOT NULL,
        operator_name TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX erasures_waiting ON erasures (id) WHERE card_hashes IS NOT NULL",
)

# The alarm itself is a record of the log; a row here holds who acknowledged it.
_THIRD = """CREATE TABLE alarm_acknowledgements (
    alarm_seq INTEGER PRIMARY KEY,
    utc TEXT NOT NULL,
    operator_id TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT"""

# A published rule book never changes; operators edit the draft. A lockdown lasts until an operator ends it.
# On days of its type `special_windows` replace the weekday's windows; a window from 0 to 0 means closed.
_FOURTH = (
    """CREATE TABLE rule_books (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL,
        utc TEXT NOT NULL,
        operator_id TEXT NOT NULL,
        operator_name TEXT NOT NULL,
        note TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE rule_draft (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        body TEXT NOT NULL,
        based_on INTEGER NOT NULL,
        utc TEXT NOT NULL,
        operator_name TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE holiday_dates (date TEXT PRIMARY KEY, day_type TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE special_windows (
        schedule_id TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
        day_type TEXT NOT NULL,
        start INTEGER NOT NULL CHECK (start BETWEEN 0 AND 1439),
        end INTEGER NOT NULL CHECK (end BETWEEN 0 AND 1440),
        PRIMARY KEY (schedule_id, day_type, start, end)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE lockdowns (
        area TEXT PRIMARY KEY,
        utc TEXT NOT NULL,
        operator_id TEXT NOT NULL,
        operator_name TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "ALTER TABLE cardholders ADD COLUMN category TEXT",
    "ALTER TABLE cardholders ADD COLUMN overrides INTEGER NOT NULL DEFAULT 0 CHECK (overrides IN (0, 1))",
    "ALTER TABLE cardholders ADD COLUMN more_time INTEGER NOT NULL DEFAULT 0 CHECK (more_time IN (0, 1))",
    """CREATE TABLE cardholder_qualifications (
        cardholder_id TEXT NOT NULL REFERENCES cardholders (id) ON DELETE CASCADE,
        qualification TEXT NOT NULL,
        holds_until TEXT NOT NULL,
        PRIMARY KEY (cardholder_id, qualification)
    ) STRICT, WITHOUT ROWID""",
    # `hash` and `duress_hash` use a pepper derived from a key in keys/.
    """CREATE TABLE pins (
        cardholder_id TEXT PRIMARY KEY REFERENCES cardholders (id) ON DELETE CASCADE,
        hash BLOB NOT NULL,
        digits INTEGER NOT NULL,
        duress_hash BLOB,
        duress_digits INTEGER,
        utc TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "ALTER TABLE sessions ADD COLUMN confirmed_utc TEXT",
    "ALTER TABLE cardholder_levels ADD COLUMN valid_from TEXT",
    "ALTER TABLE cardholder_levels ADD COLUMN valid_until TEXT",
    "DROP VIEW published_cardholders",
    """CREATE VIEW published_cardholders AS SELECT * FROM cardholders
        WHERE import_id IS NULL
           OR import_id IN (SELECT id FROM imports WHERE published_utc IS NOT NULL)""",
)

# A key that a card proves, wrapped to the door: readers of this file can't unwrap it. `door` is the id of the
# public key that wraps it, `chip` what the card reports as its model. Checked keys are staged until an
# operator confirms them, without the card numbers in the file.
_FIFTH = (
    """CREATE TABLE card_keys (
        card_hash BLOB PRIMARY KEY REFERENCES credentials (card_hash) ON DELETE CASCADE,
        key_version INTEGER NOT NULL,
        wrapped BLOB NOT NULL,
        door TEXT NOT NULL,
        chip TEXT NOT NULL,
        bought INTEGER,
        imported_utc TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE card_key_imports (
        id TEXT PRIMARY KEY,
        operator_id TEXT NOT NULL,
        started_utc TEXT NOT NULL,
        content_hash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE staged_card_keys (
        import_id TEXT NOT NULL REFERENCES card_key_imports (id) ON DELETE CASCADE,
        card_hash BLOB NOT NULL REFERENCES credentials (card_hash) ON DELETE CASCADE,
        key_version INTEGER NOT NULL,
        wrapped BLOB NOT NULL,
        door TEXT NOT NULL,
        chip TEXT NOT NULL,
        bought INTEGER,
        PRIMARY KEY (import_id, card_hash)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX staged_card_keys_held ON staged_card_keys (card_hash)",
)

# At most one row: the station that signs the lines of the key files that the door imports.
_SIXTH = """CREATE TABLE issuing_station (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    public_key TEXT NOT NULL,
    trusted_utc TEXT NOT NULL
) STRICT"""

# `rights`: the digests of the rights that the action changed; NULL in rows of earlier programs, and for none.
# `mac`: see action_mac.py. An import keeps the digests of its people and badges until it is published.
_EIGHTH = (
    "ALTER TABLE operator_actions ADD COLUMN rights TEXT",
    "ALTER TABLE operator_actions ADD COLUMN mac BLOB",
    """CREATE TABLE staged_rights (
        import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        rights TEXT NOT NULL,
        PRIMARY KEY (import_id, place)
    ) STRICT, WITHOUT ROWID""",
)

# Requests to erase a person that can still be cancelled.
_NINTH = """CREATE TABLE pending_erasures (
    person TEXT PRIMARY KEY REFERENCES cardholders (id) ON DELETE CASCADE,
    asked_utc TEXT NOT NULL,
    due_utc TEXT NOT NULL,
    operator_id TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

# `account_changes`: ids of requests whose other part is in accounts.db (see account_changes.py). The table of
# operators is created again, since the text that ALTER TABLE leaves depends on the version of SQLite.
_TENTH = (
    "DROP TABLE sessions",
    "DROP TABLE known_browsers",
    "DROP TABLE sign_in_failures",
    "DROP TABLE set_up_code",
    "CREATE TEMP TABLE kept AS SELECT id, name, display_name, role, language, status FROM operators",
    "DROP TABLE operators",
    """CREATE TABLE operators (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        display_name TEXT NOT NULL,
        role TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('active', 'disabled'))
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO operators SELECT * FROM temp.kept",
    "DROP TABLE temp.kept",
    "CREATE TABLE account_changes (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)
