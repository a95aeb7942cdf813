"""TEMP triggers of a writing connection: they note each subject whose rights a statement may change.

A subject may be noted twice, or though nothing changes, or unpublished: its digests decide that.
"""

import sqlite3

_IS_NOTING = "SELECT 1 FROM temp.sqlite_schema WHERE name = 'touched_rights'"
_SCRIPT = """
CREATE TEMP TABLE touched_rights (kind TEXT NOT NULL, id TEXT NOT NULL);
CREATE TEMP TABLE published_imports (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE rewritten_actions AS SELECT * FROM main.operator_actions WHERE 0;
CREATE TEMP TRIGGER person_added AFTER INSERT ON main.cardholders
WHEN NEW.import_id IS NULL OR EXISTS
    (SELECT 1 FROM imports WHERE id = NEW.import_id AND published_utc IS NOT NULL)
BEGIN
    INSERT INTO touched_rights VALUES ('p', NEW.id);
END;
CREATE TEMP TRIGGER person_changed AFTER UPDATE ON main.cardholders
WHEN OLD.status IS NOT NEW.status
    OR OLD.category IS NOT NEW.category
    OR OLD.overrides IS NOT NEW.overrides
    OR OLD.more_time IS NOT NEW.more_time
    OR OLD.import_id IS NOT NEW.import_id
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.id);
    INSERT INTO touched_rights VALUES ('p', NEW.id);
END;
CREATE TEMP TRIGGER person_deleted AFTER DELETE ON main.cardholders
WHEN OLD.import_id IS NULL OR EXISTS
    (SELECT 1 FROM imports WHERE id = OLD.import_id AND published_utc IS NOT NULL)
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.id);
END;
CREATE TEMP TRIGGER qualification_added AFTER INSERT ON main.cardholder_qualifications
WHEN EXISTS (SELECT 1 FROM published_cardholders WHERE id = NEW.cardholder_id)
BEGIN
    INSERT INTO touched_rights VALUES ('p', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER qualification_changed AFTER UPDATE ON main.cardholder_qualifications
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.cardholder_id);
    INSERT INTO touched_rights VALUES ('p', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER qualification_deleted AFTER DELETE ON main.cardholder_qualifications
WHEN EXISTS (SELECT 1 FROM published_cardholders WHERE id = OLD.cardholder_id)
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.cardholder_id);
END;
CREATE TEMP TRIGGER held_level_added AFTER INSERT ON main.cardholder_levels
WHEN EXISTS (SELECT 1 FROM published_cardholders WHERE id = NEW.cardholder_id)
BEGIN
    INSERT INTO touched_rights VALUES ('p', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER held_level_changed AFTER UPDATE ON main.cardholder_levels
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.cardholder_id);
    INSERT INTO touched_rights VALUES ('p', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER held_level_deleted AFTER DELETE ON main.cardholder_levels
WHEN EXISTS (SELECT 1 FROM published_cardholders WHERE id = OLD.cardholder_id)
BEGIN
    INSERT INTO touched_rights VALUES ('p', OLD.cardholder_id);
END;
CREATE TEMP TRIGGER badge_added AFTER INSERT ON main.credentials
WHEN NEW.import_id IS NULL OR EXISTS
    (SELECT 1 FROM imports WHERE id = NEW.import_id AND published_utc IS NOT NULL)
BEGIN
    INSERT INTO touched_rights VALUES ('b', NEW.id);
END;
CREATE TEMP TRIGGER badge_changed AFTER UPDATE ON main.credentials
WHEN OLD.card_hash IS NOT NEW.card_hash
    OR OLD.cardholder_id IS NOT NEW.cardholder_id
    OR OLD.status IS NOT NEW.status
    OR OLD.valid_from IS NOT NEW.valid_from
    OR OLD.valid_until IS NOT NEW.valid_until
    OR OLD.assurance IS NOT NEW.assurance
    OR OLD.import_id IS NOT NEW.import_id
BEGIN
    INSERT INTO touched_rights VALUES ('b', OLD.id);
    INSERT INTO touched_rights VALUES ('b', NEW.id);
END;
CREATE TEMP TRIGGER badge_deleted AFTER DELETE ON main.credentials
WHEN OLD.import_id IS NULL OR EXISTS
    (SELECT 1 FROM imports WHERE id = OLD.import_id AND published_utc IS NOT NULL)
BEGIN
    INSERT INTO touched_rights VALUES ('b', OLD.id);
END;
CREATE TEMP TRIGGER pin_added AFTER INSERT ON main.pins
BEGIN
    INSERT INTO touched_rights VALUES ('n', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER pin_changed AFTER UPDATE ON main.pins
BEGIN
    INSERT INTO touched_rights VALUES ('n', OLD.cardholder_id);
    INSERT INTO touched_rights VALUES ('n', NEW.cardholder_id);
END;
CREATE TEMP TRIGGER pin_deleted AFTER DELETE ON main.pins
BEGIN
    INSERT INTO touched_rights VALUES ('n', OLD.cardholder_id);
END;
CREATE TEMP TRIGGER level_added AFTER INSERT ON main.access_levels
BEGIN
    INSERT INTO touched_rights VALUES ('l', NEW.id);
END;
CREATE TEMP TRIGGER level_deleted AFTER DELETE ON main.access_levels
BEGIN
    INSERT INTO touched_rights VALUES ('l', OLD.id);
END;
CREATE TEMP TRIGGER access_rule_added AFTER INSERT ON main.access_rules
BEGIN
    INSERT INTO touched_rights VALUES ('l', NEW.level_id);
END;
CREATE TEMP TRIGGER access_rule_changed AFTER UPDATE ON main.access_rules
BEGIN
    INSERT INTO touched_rights VALUES ('l', OLD.level_id);
    INSERT INTO touched_rights VALUES ('l', NEW.level_id);
END;
CREATE TEMP TRIGGER access_rule_deleted AFTER DELETE ON main.access_rules
BEGIN
    INSERT INTO touched_rights VALUES ('l', OLD.level_id);
END;
CREATE TEMP TRIGGER schedule_added AFTER INSERT ON main.schedules
BEGIN
    INSERT INTO touched_rights VALUES ('s', NEW.id);
END;
CREATE TEMP TRIGGER schedule_changed AFTER UPDATE ON main.schedules
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.id);
    INSERT INTO touched_rights VALUES ('s', NEW.id);
END;
CREATE TEMP TRIGGER schedule_deleted AFTER DELETE ON main.schedules
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.id);
END;
CREATE TEMP TRIGGER window_added AFTER INSERT ON main.schedule_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', NEW.schedule_id);
END;
CREATE TEMP TRIGGER window_changed AFTER UPDATE ON main.schedule_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.schedule_id);
    INSERT INTO touched_rights VALUES ('s', NEW.schedule_id);
END;
CREATE TEMP TRIGGER window_deleted AFTER DELETE ON main.schedule_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.schedule_id);
END;
CREATE TEMP TRIGGER special_window_added AFTER INSERT ON main.special_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', NEW.schedule_id);
END;
CREATE TEMP TRIGGER special_window_changed AFTER UPDATE ON main.special_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.schedule_id);
    INSERT INTO touched_rights VALUES ('s', NEW.schedule_id);
END;
CREATE TEMP TRIGGER special_window_deleted AFTER DELETE ON main.special_windows
BEGIN
    INSERT INTO touched_rights VALUES ('s', OLD.schedule_id);
END;
CREATE TEMP TRIGGER day_added AFTER INSERT ON main.holiday_dates
BEGIN
    INSERT INTO touched_rights VALUES ('d', 'all');
END;
CREATE TEMP TRIGGER day_changed AFTER UPDATE ON main.holiday_dates
BEGIN
    INSERT INTO touched_rights VALUES ('d', 'all');
END;
CREATE TEMP TRIGGER day_deleted AFTER DELETE ON main.holiday_dates
BEGIN
    INSERT INTO touched_rights VALUES ('d', 'all');
END;
CREATE TEMP TRIGGER rule_book_added AFTER INSERT ON main.rule_books
BEGIN
    INSERT INTO touched_rights VALUES ('r', 'all');
END;
CREATE TEMP TRIGGER rule_book_changed AFTER UPDATE ON main.rule_books
BEGIN
    INSERT INTO touched_rights VALUES ('r', 'all');
END;
CREATE TEMP TRIGGER rule_book_deleted AFTER DELETE ON main.rule_books
BEGIN
    INSERT INTO touched_rights VALUES ('r', 'all');
END;
CREATE TEMP TRIGGER lockdown_added AFTER INSERT ON main.lockdowns
BEGIN
    INSERT INTO touched_rights VALUES ('k', 'all');
END;
CREATE TEMP TRIGGER lockdown_changed AFTER UPDATE ON main.lockdowns
BEGIN
    INSERT INTO touched_rights VALUES ('k', 'all');
END;
CREATE TEMP TRIGGER lockdown_deleted AFTER DELETE ON main.lockdowns
BEGIN
    INSERT INTO touched_rights VALUES ('k', 'all');
END;
CREATE TEMP TRIGGER operator_added AFTER INSERT ON main.operators
BEGIN
    INSERT INTO touched_rights VALUES ('o', NEW.id);
END;
CREATE TEMP TRIGGER operator_changed AFTER UPDATE ON main.operators
WHEN OLD.role IS NOT NEW.role
    OR OLD.status IS NOT NEW.status
BEGIN
    INSERT INTO touched_rights VALUES ('o', OLD.id);
    INSERT INTO touched_rights VALUES ('o', NEW.id);
END;
CREATE TEMP TRIGGER operator_deleted AFTER DELETE ON main.operators
BEGIN
    INSERT INTO touched_rights VALUES ('o', OLD.id);
END;
CREATE TEMP TRIGGER station_added AFTER INSERT ON main.issuing_station
BEGIN
    INSERT INTO touched_rights VALUES ('t', 'all');
END;
CREATE TEMP TRIGGER station_changed AFTER UPDATE ON main.issuing_station
BEGIN
    INSERT INTO touched_rights VALUES ('t', 'all');
END;
CREATE TEMP TRIGGER station_deleted AFTER DELETE ON main.issuing_station
BEGIN
    INSERT INTO touched_rights VALUES ('t', 'all');
END;
CREATE TEMP TRIGGER card_key_added AFTER INSERT ON main.card_keys
BEGIN
    INSERT INTO touched_rights SELECT 'b', id FROM credentials WHERE card_hash = NEW.card_hash;
END;
CREATE TEMP TRIGGER card_key_changed AFTER UPDATE ON main.card_keys
BEGIN
    INSERT INTO touched_rights SELECT 'b', id FROM credentials WHERE card_hash = NEW.card_hash;
END;
CREATE TEMP TRIGGER card_key_deleted AFTER DELETE ON main.card_keys
BEGIN
    INSERT INTO touched_rights SELECT 'b', id FROM credentials WHERE card_hash = OLD.card_hash;
END;
"""
# What an import computed for its people no longer holds once one of them changes before it is published.
_OF_IMPORTS = """
CREATE TEMP TRIGGER import_published AFTER UPDATE OF published_utc ON main.imports
WHEN OLD.published_utc IS NULL AND NEW.published_utc IS NOT NULL
BEGIN
    INSERT INTO published_imports VALUES (NEW.id);
END;
CREATE TEMP TRIGGER staged_person_changed AFTER UPDATE ON main.cardholders
WHEN NEW.import_id IS NOT NULL AND (OLD.status IS NOT NEW.status OR OLD.category IS NOT NEW.category
    OR OLD.overrides IS NOT NEW.overrides OR OLD.more_time IS NOT NEW.more_time)
BEGIN
    DELETE FROM staged_rights WHERE import_id = NEW.import_id;
END;
"""
# An erasure blanks the texts of earlier actions: note each as it was.
_OF_ACTIONS = """
CREATE TEMP TRIGGER action_rewritten AFTER UPDATE ON main.operator_actions
WHEN OLD.mac IS NEW.mac AND OLD.mac IS NOT NULL
BEGIN
    INSERT INTO rewritten_actions VALUES (OLD.id, OLD.utc, OLD.operator_id, OLD.operator_name, OLD.role,
        OLD.action, OLD.object_type, OLD.object_id, OLD.before, OLD.after, OLD.reason, OLD.rights, OLD.mac);
END;
"""


def begin_noting(db: sqlite3.Connection) -> None:
    """Call within a transaction. Does nothing if the connection notes already."""
    if db.execute(_IS_NOTING).fetchone() is not None:
        return
    statement = ""
    for line in (_SCRIPT + _OF_IMPORTS + _OF_ACTIONS).splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
