"""The triggers note each subject whose digest a statement changes."""

from controller.model.recorded_rights import Subject, SubjectKind
from controller.registry.database import Registry
from controller.registry.rights import rights_now
from controller.registry.rights_triggers import begin_noting
from tests.controller.registry.test_rights import CHANGES, SUBJECTS, furnish

NOTED = "SELECT DISTINCT kind, id FROM touched_rights"
DELETIONS = (
    "DELETE FROM cardholders",
    "DELETE FROM card_keys",
    "DELETE FROM pins",
    "DELETE FROM schedules WHERE id = 'day'",
    "DELETE FROM operators",
    "DELETE FROM rule_books",
    "DELETE FROM lockdowns",
    "DELETE FROM issuing_station",
)


def test_every_statement_that_changes_a_digest_notes_its_subject(registry: Registry):
    furnish(registry)
    with registry.read() as db:
        before = rights_now(db, SUBJECTS)
        begin_noting(db)
        begin_noting(db)  # the second time it does nothing
        db.execute("COMMIT")
        for change in (*CHANGES, *DELETIONS):
            db.execute(f"PRAGMA foreign_keys = {change in DELETIONS}")  # what is deleted takes more with it
            db.execute("BEGIN")
            db.execute(change)
            after = rights_now(db, SUBJECTS)
            noted = {Subject(SubjectKind(kind), id_) for kind, id_ in db.execute(NOTED)}
            assert {one for one in SUBJECTS if after[one] != before[one]} <= noted, change
            assert change not in DELETIONS or noted
            db.execute("ROLLBACK")
