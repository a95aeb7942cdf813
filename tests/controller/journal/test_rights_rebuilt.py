"""The table of rights beside the records that it derives from."""

import random
import sqlite3
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind, rights_text
from tests.controller.journal.samples import journal_in
from tests.sample_site import NOW

SUBJECTS = [Subject(kind, f"{n}") for kind in (SubjectKind.PERSON, SubjectKind.BADGE) for n in range(40)]
FOUND = SubjectDigest(Subject(SubjectKind.FOUND, "r"), bytes(16))


class Story:
    """Random changes of rights, some of them deleting, as the door records them."""

    def __init__(self, journal: Journal, seed: int) -> None:
        self._journal = journal
        self._random = random.Random(seed)
        self._action = 0

    def change(self, count: int) -> None:
        for _ in range(count):
            subjects = self._random.sample(SUBJECTS, self._random.choice([1, 1, 2, 30]))
            self.record("person_changed", [SubjectDigest(one, self._digest()) for one in subjects])

    def accept(self) -> None:
        """Half of the subjects are in the accepted registry."""
        self.record("registry_accepted", [])
        kept = self._random.sample(SUBJECTS, len(SUBJECTS) // 2)
        self.record("rights_recorded", [SubjectDigest(one, bytes(16)) for one in kept])
        self.record("rights_found", [FOUND])

    def record(self, action: str, rights: list[SubjectDigest]) -> None:
        self._action += 1
        codes: dict[str, str | int] = {"action": action, "action_id": self._action}
        if rights:
            codes["rights"] = rights_text(rights)
        event = Event(EventType.OPERATOR_ACTION, NOW, codes=codes)
        self._journal.append_actions("r", [(self._action, event)], {self._action: rights})

    def _digest(self) -> bytes | None:
        return None if self._random.random() < 0.2 else self._random.randbytes(16)


def wrong(folder: Path) -> set[str]:
    with JournalReader(folder / "journal.db") as reader:
        return reader.wrong_rights_in_force()


@pytest.mark.parametrize("seed", range(4))
def test_table_as_the_door_leaves_it_is_what_the_records_say(tmp_path: Path, seed: int):
    with journal_in(tmp_path) as journal:
        story = Story(journal, seed)
        story.change(60)
        assert wrong(tmp_path) == set()
        story.accept()
        assert wrong(tmp_path) == set()
        story.change(20)
        story.accept()
        story.change(20)
    assert wrong(tmp_path) == set()


@pytest.mark.parametrize(
    ("change", "is_named"),
    [
        ("UPDATE rights_in_force SET digest = zeroblob(16) WHERE rowid_is", True),
        ("UPDATE rights_in_force SET seq = seq - 1 WHERE rowid_is", True),
        ("DELETE FROM rights_in_force WHERE rowid_is", True),
        ("INSERT INTO rights_in_force VALUES ('p', 'stranger', zeroblob(16), 3)", False),
        ("INSERT INTO rights_in_force VALUES ('?', 'stranger', zeroblob(16), 3)", False),
    ],
)
def test_row_that_no_record_gives_or_that_is_missing_is_found(tmp_path: Path, change: str, is_named: bool):
    with journal_in(tmp_path) as journal:
        Story(journal, 5).change(60)
    with sqlite3.connect(tmp_path / "journal.db") as db:
        kind, id_ = db.execute(
            "SELECT kind, id FROM rights_in_force ORDER BY seq LIMIT 1 OFFSET 3"
        ).fetchone()
        db.execute(change.replace("rowid_is", f"kind = '{kind}' AND id = '{id_}'"))
    db.close()
    found = wrong(tmp_path)
    assert len(found) == 1
    assert found == {f"{kind}:{id_}"} if is_named else {found.pop().endswith(":stranger")} == {True}


@pytest.mark.parametrize("ends_by", ["a deletion", "an acceptance"])
def test_row_that_came_back_is_found(tmp_path: Path, ends_by: str):
    badge = Subject(SubjectKind.BADGE, "ended")
    with journal_in(tmp_path) as journal:
        story = Story(journal, 6)
        story.record("badge_added", [SubjectDigest(badge, bytes(16))])
        with sqlite3.connect(tmp_path / "journal.db") as db:
            row = db.execute("SELECT kind, id, digest, seq FROM rights_in_force").fetchone()
        db.close()
        if ends_by == "a deletion":
            story.record("badge_removed", [SubjectDigest(badge, None)])
        else:
            story.accept()
    assert wrong(tmp_path) == set()
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("INSERT INTO rights_in_force (kind, id, digest, seq) VALUES (?, ?, ?, ?)", row)
    db.close()
    assert wrong(tmp_path) == {"b:ended"}
