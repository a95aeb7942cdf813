"""One line as the read side hands it out."""

import json
from pathlib import Path

from controller.journal.log_entry import entries
from controller.journal.query import JournalReader, LogEntry, LogFilter
from controller.model.events import Event, EventType, Section
from tests.controller.journal.samples import at, forge, grant, journal_in


def test_entry_by_number_is_whole_or_absent(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(1, reason="r", actor="a", assurance=0, registry=3, codes={"count": 2})])
        entry = reader.entry(1)
        assert entry == LogEntry(
            seq=1,
            utc=at(1).utc,
            type=EventType.ACCESS_GRANTED,
            section=Section.GRANTED,
            door="entrance",
            access_point="entrance-in",
            reader="entrance-in",
            direction="in",
            result="granted",
            reason="r",
            assurance=0,
            person="person-1",
            credential="badge-1",
            actor="a",
            clock="trusted",
            boot="boot-1",
            mono_ms=1000,
            registry=3,
            config="config-1",
            codes={"count": 2},
            details={"name": "山田 花子", "last_four": "FFEE"},
        )
        assert reader.entry(2) is None


def test_record_without_details_and_with_all_but_the_needed_absent_is_read(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([Event(EventType.SERVICE_STOPPED, at())])
        (entry,) = reader.page(LogFilter())
    absent = ("door", "access_point", "reader", "direction", "result", "reason", "assurance", "person")
    assert all(
        getattr(entry, name) is None for name in (*absent, "credential", "actor", "registry", "details")
    )
    assert entry.codes == {}


def test_erased_details_leave_the_record(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(), grant()])
    forge(tmp_path, ("UPDATE events SET salt = NULL, details = NULL WHERE seq = ?", (1,)))
    with JournalReader(tmp_path / "journal.db") as reader:
        second, first = reader.page(LogFilter())
    assert first.details is None
    assert first.person == "person-1"
    assert second.details == {"name": "山田 花子", "last_four": "FFEE"}


def test_entries_come_in_the_order_asked_for(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant() for _ in range(9)])
        with reader.snapshot() as connection:
            assert [entry.seq for entry in entries(connection, iter([7, 2, 9, 99, 3]))] == [7, 2, 9, 3]


def test_type_of_a_later_program_is_read_as_it_is(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
    with JournalReader(tmp_path / "journal.db") as reader, reader.snapshot() as connection:
        body = json.loads(connection.execute("SELECT body FROM events").fetchone()[0])
    forge(tmp_path, ("UPDATE events SET body = ?", (json.dumps(body | {"type": "lockdown_began"}),)))
    with JournalReader(tmp_path / "journal.db") as reader:
        assert reader.page(LogFilter())[0].type == "lockdown_began"
