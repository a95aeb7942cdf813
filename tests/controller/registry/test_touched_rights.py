"""Every transaction puts the digests of the rights that it changed on its operator actions."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.events import Json
from controller.model.orders import ActionType
from controller.model.recorded_rights import IN_ONE_ACTION, Subject, SubjectKind, parsed_rights
from controller.registry import actions, erasures, imports, people
from controller.registry.action_mac import action_key, is_authentic
from controller.registry.database import Registry
from controller.registry.erasures import ErasureRequest
from controller.registry.imports import StagedImport, StagedRow
from controller.registry.rights import rights_now
from tests.controller.registry.samples import UTC_NOW, badge_row, card_hash, fill, person_row
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN

KEY = bytes(range(32))
_COVERED = (
    "SELECT id, utc, operator_id, role, action, object_type, object_id, operator_name, before, after, reason,"
    " rights, mac FROM operator_actions ORDER BY id"
)
ROWS = 2 * IN_ONE_ACTION + 10


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with_rows = Registry.open(tmp_path / "registry.db")
    fill(with_rows, range(3))
    with_rows.close()
    registry = Registry.open(tmp_path / "registry.db", KEY)
    yield registry
    registry.close()


def record(
    db: sqlite3.Connection, type_: ActionType, about: str = "p0", after: dict[str, Json] | None = None
) -> None:
    actions.record(db, ADMIN, UTC_NOW, type_, "person", about, after=after)


def rows_of(registry: Registry) -> list[tuple[str, str | None, str | None]]:
    with registry.read() as db:
        return db.execute("SELECT action, object_id, rights FROM operator_actions ORDER BY id").fetchall()


def authentic(registry: Registry) -> list[bool]:
    with registry.read() as db:
        rows = db.execute(_COVERED).fetchall()
    return [is_authentic(action_key(KEY), row, mac) for *row, mac in rows]


def test_change_is_on_its_action_with_the_digest_that_the_door_computes(registry: Registry):
    with registry.write() as db:
        db.execute("UPDATE cardholders SET status = 'suspended' WHERE id = 'p0'")
        record(db, ActionType.PERSON_SUSPENDED)
    ((_, _, text),) = rows_of(registry)
    with registry.read() as db:
        now = rights_now(db, [Subject(SubjectKind.PERSON, "p0")])
    assert text is not None and dict(parsed_rights(text)) == now
    assert authentic(registry) == [True]


def test_what_was_deleted_is_on_the_action_as_gone(registry: Registry):
    with registry.write() as db:
        db.execute("DELETE FROM cardholders WHERE id = 'p1'")
        record(db, ActionType.ERASURE_ASKED, "p1")
    assert rows_of(registry)[0][2] == "b:b1:- p:p1:-"


def test_each_digest_is_on_the_action_about_its_subject_or_else_on_the_last(registry: Registry):
    with registry.write() as db:
        db.execute("UPDATE cardholders SET overrides = 1")
        record(db, ActionType.PERSON_CHANGED, "p0")
        record(db, ActionType.PERSON_CHANGED, "p1")
    found = [[one.subject.id for one in parsed_rights(text or "")] for _, _, text in rows_of(registry)]
    assert found == [["p0"], ["p1", "p2"]]


def test_rows_written_again_as_they_were_and_names_leave_no_digest(registry: Registry):
    with registry.write() as db:
        db.execute("UPDATE cardholders SET name = 'another', status = status")
        people.set_levels(db, "p0", [])
        people.set_levels(db, "p0", ["everywhere"])
        record(db, ActionType.PERSON_CHANGED)
    assert rows_of(registry) == [("person_changed", "p0", None)]
    assert authentic(registry) == [True], "an action without rights is authentic as well"


@pytest.mark.parametrize("kind", ["write", "housekeeping"])
def test_change_of_rights_without_an_action_is_refused(registry: Registry, kind: str):
    without = pytest.raises(RuntimeError, match="without an operator's action: b:b0:")
    with without, getattr(registry, kind)() as db:
        db.execute("UPDATE credentials SET status = 'active', assurance = 2 WHERE id = 'b0'")
    with registry.read() as db:
        assert db.execute("SELECT max(assurance) FROM credentials").fetchone() == (0,)
    with registry.write() as db:  # and the next change carries nothing of it
        record(db, ActionType.PERSON_CHANGED)
    assert rows_of(registry) == [("person_changed", "p0", None)]


def test_change_of_many_people_is_in_rows_of_their_own_behind_the_action(registry: Registry):
    fill_many(registry)
    with registry.write() as db:
        db.execute("UPDATE cardholders SET category = 'regular'")
        record(db, ActionType.RULES_PUBLISHED, "1")
    rows = rows_of(registry)
    assert [row[0] for row in rows] == ["rules_published"] + 3 * ["rights_recorded"]
    assert rows[0][2] is None and all(authentic(registry))
    recorded = {one.subject.id for row in rows[1:] for one in parsed_rights(row[2] or "")}
    assert len(recorded) == ROWS + 3
    with registry.read() as db:
        assert actions.actions_before(db, None, 100)[0].action == "rules_published", "pages show one change"


def fill_many(registry: Registry) -> None:
    with unrecorded(registry) as db:
        for number in range(3, 3 + ROWS):
            people.add_person(db, person_row(number))


def staged(registry: Registry) -> str:
    with imports.one_import(registry):
        rows = (
            StagedRow(person_row(n), badge_row(n, person_row(n)), card_hash(n), ("everywhere",), "agency")
            for n in range(3, 3 + ROWS)
        )
        imports.stage(registry, StagedImport("i1", ADMIN.id, "hash", ROWS), UTC_NOW, rows)
    return "i1"


def published_rights(registry: Registry) -> dict[Subject, bytes | None]:
    imported = staged(registry) if not rows_of(registry) else "i1"
    with registry.write() as db:
        imports.publish(db, imported, UTC_NOW)
        record(db, ActionType.BADGES_IMPORTED, imported)
    texts = [row[2] for row in rows_of(registry) if row[0] == "rights_recorded"]
    assert texts and all(authentic(registry))
    return {one.subject: one.digest for text in texts for one in parsed_rights(text or "")}


def expected(registry: Registry) -> dict[Subject, bytes | None]:
    numbers = range(3, 3 + ROWS)
    subjects = [
        Subject(kind, f"{kind}{n}") for kind in (SubjectKind.PERSON, SubjectKind.BADGE) for n in numbers
    ]
    with registry.read() as db:
        return rights_now(db, subjects)


def test_published_import_records_the_digest_of_each_person_and_badge(registry: Registry):
    found = published_rights(registry)
    assert found == expected(registry) and len(found) == 2 * ROWS and None not in found.values()
    with registry.read() as db:
        assert db.execute("SELECT count(*) FROM staged_rights").fetchone() == (0,)


def test_change_of_a_staged_person_before_publishing_is_in_the_digests(registry: Registry):
    staged(registry)
    with registry.write() as db:
        db.execute("UPDATE cardholders SET category = 'regular' WHERE category = 'agency'")
        record(db, ActionType.RULES_PUBLISHED, "2")
    assert rows_of(registry)[0][2] is None, "nobody that is published has changed"
    assert published_rights(registry) == expected(registry)


def test_discarded_import_records_nothing(registry: Registry):
    staged(registry)
    with imports.one_import(registry):
        imports.remove(registry, ["i1"])
    assert rows_of(registry) == []
    with registry.read() as db:
        assert db.execute("SELECT count(*) FROM staged_rights").fetchone() == (0,)


def test_erasure_keeps_actions_authentic_and_a_forged_one_forged(registry: Registry):
    with registry.write() as db:
        record(db, ActionType.PERSON_CHANGED, "p0", after={"name": "山田"})
    with unrecorded(registry) as db:
        record(db, ActionType.PERSON_CHANGED, "p0", after={"name": "forged"})
    assert authentic(registry) == [True, False]
    with registry.write() as db:
        record(db, ActionType.ERASURE_CARRIED_OUT, "p0")
        request = ErasureRequest("p0", UTC_NOW, UTC_NOW, ADMIN.id, ADMIN.display_name, "left")
        erasures.erase_person(db, request, erasures.references_of(db, "p0"), 1, UTC_NOW)
    assert authentic(registry) == [True, False, True]
    with registry.read() as db:
        assert db.execute("SELECT count(*) FROM operator_actions WHERE after IS NOT NULL").fetchone() == (0,)


@pytest.mark.parametrize(
    "column",
    ["utc", "operator_id", "operator_name", "role", "action", "object_id", "after", "reason", "rights"],
)
def test_action_edited_in_the_file_is_not_authentic(registry: Registry, column: str):
    with registry.write() as db:
        record(db, ActionType.PERSON_CHANGED, "p0", after={"name": "山田"})
    with unrecorded(registry) as db:
        db.execute(f"UPDATE operator_actions SET {column} = 'x'")
    assert authentic(registry) == [False]
