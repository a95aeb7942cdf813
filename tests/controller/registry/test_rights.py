"""What a digest covers: each value that decides about somebody, and no name."""

import sqlite3

import pytest

from controller.model.operators import MACHINE
from controller.model.pins import StoredPin
from controller.model.recorded_rights import (
    ALL,
    IN_ONE_ACTION,
    Subject,
    SubjectDigest,
    SubjectKind,
    parsed_rights,
    rights_text,
    rights_texts,
)
from controller.model.rule_book import RuleBook
from controller.registry import issuing_station, lockdowns, operators, pins, rule_books
from controller.registry.database import Registry
from controller.registry.rights import digest, rights_now
from tests.controller.registry.samples import UTC_NOW, card_hash, fill
from tests.sample_site import ADMIN

PERSON, BADGE, PIN = (
    Subject(SubjectKind.PERSON, "p1"),
    Subject(SubjectKind.BADGE, "b1"),
    Subject(SubjectKind.PIN, "p1"),
)
LEVEL, SCHEDULE = Subject(SubjectKind.LEVEL, "everywhere"), Subject(SubjectKind.SCHEDULE, "day")
DAYS, RULES, STATION = (
    Subject(SubjectKind.DAYS, ALL),
    Subject(SubjectKind.RULES, ALL),
    Subject(SubjectKind.STATION, ALL),
)
LOCKDOWNS, OPERATOR = Subject(SubjectKind.LOCKDOWNS, ALL), Subject(SubjectKind.OPERATOR, ADMIN.id)
SUBJECTS = (PERSON, BADGE, PIN, LEVEL, SCHEDULE, DAYS, RULES, STATION, LOCKDOWNS, OPERATOR)

# Each change of a column: the subjects whose digest it changes.
CHANGES: dict[str, set[Subject]] = {
    "UPDATE cardholders SET status = 'suspended' WHERE id = 'p1'": {PERSON},
    "UPDATE cardholders SET category = 'sv' WHERE id = 'p1'": {PERSON},
    "UPDATE cardholders SET overrides = 1 WHERE id = 'p1'": {PERSON},
    "UPDATE cardholders SET more_time = 1 WHERE id = 'p1'": {PERSON},
    "UPDATE cardholders SET import_id = 'i1' WHERE id = 'p1'": {PERSON},  # not published: not there
    "UPDATE cardholders SET name = 'x', kana = 'y', sort_key = 'z', search_text = 'x'": set(),
    "UPDATE cardholders SET status = 'suspended' WHERE id = 'p2'": set(),
    "INSERT INTO cardholder_qualifications VALUES ('p1', 'nda', '2027-01-01')": {PERSON},
    "DELETE FROM cardholder_levels WHERE cardholder_id = 'p1'": {PERSON},
    "UPDATE cardholder_levels SET valid_from = '2026-11-24T06:00:00.000Z'": {PERSON},
    "UPDATE cardholder_levels SET valid_until = '2026-11-24T06:00:00.000Z'": {PERSON},
    "UPDATE credentials SET status = 'lost'": {BADGE},
    "UPDATE credentials SET valid_from = '2026-11-24T06:00:00.000Z'": {BADGE},
    "UPDATE credentials SET valid_until = '2026-11-24T06:00:00.000Z'": {BADGE},
    "UPDATE credentials SET assurance = 2": {BADGE},
    "UPDATE credentials SET cardholder_id = 'p2'": {BADGE},
    "UPDATE credentials SET card_hash = zeroblob(32) WHERE id = 'b1'": {BADGE},
    "UPDATE credentials SET import_id = 'i1'": {BADGE},
    "UPDATE credentials SET last_four = '9999', kind = 'type_a'": set(),
    "UPDATE card_keys SET key_version = 7": {BADGE},
    "UPDATE card_keys SET wrapped = x'01'": {BADGE},
    "UPDATE card_keys SET door = 'other', chip = 'ntag424'": {BADGE},
    "UPDATE card_keys SET bought = 1, imported_utc = ''": set(),
    "DELETE FROM card_keys": {BADGE},
    "UPDATE pins SET hash = x'02'": {PIN},
    "UPDATE pins SET digits = 9": {PIN},
    "UPDATE pins SET duress_hash = x'02', duress_digits = 6": {PIN},
    "UPDATE pins SET utc = ''": set(),
    "INSERT INTO access_rules VALUES ('everywhere', 'entrance-out', 'always')": {LEVEL},
    "DELETE FROM access_rules": {LEVEL},
    "UPDATE access_levels SET name = 'x'": set(),
    "UPDATE schedules SET name = 'night' WHERE id = 'day'": {SCHEDULE},  # door modes name it
    "UPDATE schedules SET always = 1": {SCHEDULE},
    "UPDATE schedule_windows SET end = 1000": {SCHEDULE},
    "DELETE FROM schedule_windows": {SCHEDULE},
    "UPDATE special_windows SET start = 5": {SCHEDULE},
    "UPDATE special_windows SET day_type = 'short-day'": {SCHEDULE},
    "INSERT INTO holiday_dates VALUES ('2027-01-01', 'holiday')": {DAYS},
    "UPDATE rule_books SET body = '{}' || ' '": {RULES},
    "UPDATE rule_books SET version = 2": {RULES},
    "UPDATE rule_books SET note = 'x', utc = '', operator_name = 'x'": set(),
    "UPDATE lockdowns SET area = '*'": {LOCKDOWNS},
    "UPDATE lockdowns SET reason = 'x', utc = ''": set(),
    "UPDATE operators SET role = 'viewer'": {OPERATOR},
    "UPDATE operators SET status = 'disabled'": {OPERATOR},
    "UPDATE operators SET display_name = 'x', language = 'ja'": set(),
    "UPDATE issuing_station SET public_key = 'x'": {STATION},
}


def furnish(registry: Registry) -> None:
    fill(registry, range(1, 2))
    fill(registry, range(2, 3), level=None)
    with registry.write() as db:
        db.execute(
            "INSERT INTO imports (id, operator_id, started_utc, content_hash, rows) VALUES ('i1','','','',0)"
        )
        db.execute(
            "INSERT INTO card_keys VALUES (?, 1, x'00', 'door', 'felica_lite_s', NULL, '')", (card_hash(1),)
        )
        pins.save_pin(db, "p1", StoredPin(b"\x01", 4), UTC_NOW)
        db.execute("INSERT INTO schedules VALUES ('day', 'day', 0)")
        db.execute("INSERT INTO schedule_windows VALUES ('day', 1, 10, 20)")
        db.execute("INSERT INTO special_windows VALUES ('day', 'holiday', 10, 20)")
        rule_books.publish(db, RuleBook(), MACHINE, UTC_NOW, "")
        lockdowns.begin(db, "floor", MACHINE, UTC_NOW, "")
        operators.add_operator(db, ADMIN)
        issuing_station.trust(db, "key", UTC_NOW)


def test_every_value_that_decides_changes_the_digest_of_its_subject_alone(registry: Registry):
    furnish(registry)
    with registry.read() as db:
        before = rights_now(db, SUBJECTS)
    assert None not in before.values() and len(set(before.values())) == len(SUBJECTS)
    for change, subjects in CHANGES.items():
        db = sqlite3.connect(registry.file, isolation_level=None)
        db.execute("BEGIN")
        assert db.execute(change).rowcount, change
        after = rights_now(db, SUBJECTS)
        assert {one for one in SUBJECTS if after[one] != before[one]} == subjects, change
        db.close()


def test_subject_that_is_not_there_has_no_digest(registry: Registry):
    gone = [
        Subject(kind, "x")
        for kind in (
            SubjectKind.PERSON,
            SubjectKind.BADGE,
            SubjectKind.PIN,
            SubjectKind.LEVEL,
            SubjectKind.OPERATOR,
        )
    ]
    with registry.read() as db:
        assert set(rights_now(db, gone).values()) == {None}


def test_text_of_rights_is_read_back_and_another_text_is_refused():
    rights = [SubjectDigest(PERSON, digest(PERSON, ["p1"])), SubjectDigest(BADGE, None)]
    text = rights_text(rights)
    assert text == f"p:p1:{digest(PERSON, ['p1']).hex()} b:b1:-"
    assert parsed_rights(text) == rights
    for wrong in ("x:p1:-", "p:p1", "p:p1:zz", "p:p1:" + "z" * 32):
        with pytest.raises(ValueError):
            parsed_rights(wrong)


def test_many_rights_become_texts_below_eight_kibibytes():
    rights = [SubjectDigest(Subject(SubjectKind.BADGE, f"{i:016x}"), bytes(16)) for i in range(1000)]
    texts = list(rights_texts(rights))
    assert [one for text in texts for one in parsed_rights(text)] == rights
    assert max(map(len, texts)) < 7500 and len(texts) == -(-1000 // IN_ONE_ACTION)
