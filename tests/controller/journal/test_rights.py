"""The rights in force follow the records, and are read beside the writer."""

from pathlib import Path

from controller.journal.rights import Compared, RightsInForce
from controller.model.access import RightsState
from controller.model.events import Event, EventType
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from tests.controller.journal.samples import journal_in
from tests.sample_site import NOW

PERSON, BADGE = Subject(SubjectKind.PERSON, "p1"), Subject(SubjectKind.BADGE, "b1")
OLD, NEW = bytes(16), bytes(range(16))


def action() -> Event:
    return Event(EventType.OPERATOR_ACTION, NOW, codes={"action": "person_changed"})


def test_newest_record_of_each_subject_is_in_force(tmp_path: Path):
    rights = RightsInForce(tmp_path / "journal.db")
    assert rights.compare([SubjectDigest(PERSON, OLD)]).state is RightsState.UNREADABLE, "no log yet"
    with journal_in(tmp_path) as journal:
        rights_of = {
            1: [SubjectDigest(PERSON, OLD)],
            2: [SubjectDigest(BADGE, OLD)],
            3: [SubjectDigest(PERSON, NEW)],
        }
        journal.append_actions("r", [(id_, action()) for id_ in rights_of], rights_of)
        assert rights.compare([SubjectDigest(PERSON, NEW), SubjectDigest(BADGE, OLD)]).seq == 3
        assert rights.compare([SubjectDigest(PERSON, OLD), SubjectDigest(BADGE, OLD)]).seq is None
        assert rights.compare([SubjectDigest(PERSON, None)]).seq is None and rights.compare([]).seq is None
        journal.append_actions("r", [(4, action())], {4: [SubjectDigest(PERSON, None)]})
        assert rights.compare([SubjectDigest(PERSON, NEW)]).seq is None, "deleted"
        assert rights.compare([SubjectDigest(BADGE, OLD)]).seq == 2
        assert journal.append_actions("r", [(4, action())], {4: [SubjectDigest(BADGE, NEW)]}) == 4
        assert rights.compare([SubjectDigest(BADGE, OLD)]).seq == 2, "an action is copied once"
    rights.close()


def test_rights_are_complete_with_the_record_that_says_so(tmp_path: Path):
    with journal_in(tmp_path) as journal:
        found = SubjectDigest(Subject(SubjectKind.FOUND, "r"), OLD)
        journal.append_actions("r", [(1, action())], {1: [SubjectDigest(PERSON, OLD)]})
        assert not journal.rights_are_complete()
        journal.append_actions("r", [(2, action())], {2: [found]})
        assert journal.rights_are_complete()


def test_damaged_or_replaced_log_gives_no_record_until_it_can_be_read(tmp_path: Path):
    rights = RightsInForce(tmp_path / "journal.db")
    with journal_in(tmp_path) as journal:
        journal.append_actions("r", [(1, action())], {1: [SubjectDigest(PERSON, OLD)]})
    assert rights.compare([SubjectDigest(PERSON, OLD)]).seq == 1
    whole = (tmp_path / "journal.db").read_bytes()
    (tmp_path / "other").write_bytes(b"no database " * 1000)
    (tmp_path / "other").rename(tmp_path / "journal.db")
    assert rights.compare([SubjectDigest(PERSON, OLD)]).seq is None
    (tmp_path / "other").write_bytes(whole)
    (tmp_path / "other").rename(tmp_path / "journal.db")
    assert rights.compare([SubjectDigest(PERSON, OLD)]).seq == 1
    rights.close()


def test_rights_are_compared_once_those_of_any_registry_are_complete(tmp_path: Path):
    rights = RightsInForce(tmp_path / "journal.db")
    found = SubjectDigest(Subject(SubjectKind.FOUND, "r"), OLD)
    other = [SubjectDigest(PERSON, NEW), SubjectDigest(BADGE, OLD)]
    with journal_in(tmp_path) as journal:
        journal.append_actions("r", [(1, action())], {1: [SubjectDigest(PERSON, OLD), other[1]]})
        assert rights.compare(other) == Compared(RightsState.UNCHECKED, differing=(other[0],))
        journal.append_actions("r", [(2, action())], {2: [found]})
        assert rights.compare(other) == Compared(RightsState.UNACCOUNTED, differing=(other[0],))
        assert rights.compare([SubjectDigest(PERSON, None)]).state is RightsState.UNACCOUNTED
        assert rights.compare(other[1:]) == Compared(RightsState.IN_FORCE, 1)
    rights.close()
