from pathlib import Path

from controller.journal.facts import AT_ONCE, facts_after
from controller.model.events import Event, EventType
from controller.model.fact import Fact, fact_of
from tests.controller.journal.samples import grant, happened, journal_in, outcome, raw


def read(folder: Path, openings: bool = False) -> list[Fact]:
    found: list[Fact] = []
    seq = 0
    with raw(folder) as connection:
        while True:
            facts, upto = facts_after(connection, seq, openings=openings)
            found += facts
            if upto == seq:
                return found
            seq = upto


def test_row_gives_the_fact_its_event_gives(tmp_path: Path) -> None:
    corrected = {"action": "presence_corrected", "object_id": "p1", "area": "floor"}
    events: list[Event] = [
        grant(person="p1", direction="in", codes={"area": "floor", "category": "sv"}),
        outcome(1, "not_opened"),
        happened(EventType.OPERATOR_ACTION, codes=corrected),
        happened(EventType.ACCESS_WAITING, reason="second_person_needed", person="p1"),
        happened(EventType.ACCESS_DENIED, reason="second_person_needed", person="p1"),
        happened(EventType.ACCESS_DENIED, reason="anti_passback", person="p1"),
        happened(EventType.ACCESS_DENIED, reason="outer_area_not_entered", person="p1"),
    ]
    with journal_in(tmp_path) as journal:
        journal.append(events)
    for fact, event in zip(read(tmp_path), events, strict=True):
        fact_heard = fact_of(fact.seq, event)
        assert fact_heard is not None
        for name in ("seq", "type", "utc", "boot", "mono_ms", "door", "access_point", "direction", "result"):
            assert getattr(fact, name) == getattr(fact_heard, name)
        assert (fact.reason, fact.person) == (fact_heard.reason, fact_heard.person)
        assert all(fact.code(name) == value for name, value in event.codes.items())


def test_other_records_are_passed_over(tmp_path: Path) -> None:
    others = [
        happened(EventType.DOOR_OPENED),
        outcome(1),
        happened(EventType.ACCESS_DENIED, reason="credential_unknown"),
        happened(EventType.OPERATOR_ACTION, codes={"action": "log_viewed"}),
    ]
    with journal_in(tmp_path) as journal:
        journal.append(others)
    assert read(tmp_path) == []
    assert [(fact.seq, fact.result, fact.code("of")) for fact in read(tmp_path, openings=True)] == [
        (2, "opened", 1)
    ]
    assert fact_of(1, others[0]) is fact_of(2, others[1]) is None


def test_damaged_record_is_passed_over_and_a_hole_is_crossed(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()] * (AT_ONCE + 5))
    with raw(tmp_path) as connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("DROP TRIGGER events_are_never_deleted")
        connection.execute("UPDATE events SET body = replace(body, '\"utc\"', '\"tuc\"') WHERE seq = 2")
        connection.execute("DELETE FROM events WHERE seq BETWEEN 3 AND ?", (AT_ONCE,))
    assert [fact.seq for fact in read(tmp_path)] == [1, *range(AT_ONCE + 1, AT_ONCE + 6)]
