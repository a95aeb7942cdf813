"""What programs outside read: one object per event, absent values null."""

import json
from pathlib import Path

from controller.journal.export.lines import lines
from controller.journal.query import JournalReader, LogFilter
from controller.model.events import EventType
from tests.controller.journal.samples import grant, happened, journal_in


def test_line_names_who_when_where_and_how_it_ended(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(1, codes={"warning": "outside_schedule"}), happened(EventType.SERVICE_STARTED)])
        one, two = lines(reader, 0)
    promised = ("seq", "utc", "type", "door", "access_point", "result", "reason", "person", "badge")
    assert {name: one[name] for name in promised} == {
        "seq": 1,
        "utc": "2026-11-24T06:00:01.000Z",
        "type": "access_granted",
        "door": "entrance",
        "access_point": "entrance-in",
        "result": "granted",
        "reason": None,
        "person": "山田 花子",
        "badge": "FFEE",
    }
    assert (one["warning"], one["person_ref"], one["details"]) == ("outside_schedule", "person-1", None)
    assert {name: two[name] for name in promised[3:]} == dict.fromkeys(promised[3:])
    json.dumps([one, two])


def test_operator_and_what_changed_are_in_the_line(tmp_path: Path) -> None:
    details = {"operator": "佐藤", "before": {"name": "a"}, "after": {"name": "b"}}
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append(
            [happened(EventType.OPERATOR_ACTION, codes={"action": "person_edited"}, details=details)]
        )
        (one,) = lines(reader, 0)
    assert (one["operator"], one["action"]) == ("佐藤", "person_edited")
    assert one["details"] == {"before": {"name": "a"}, "after": {"name": "b"}}


def test_code_cannot_pass_for_a_name(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(codes={"badge": "0000"})])
        (one,) = lines(reader, 0)
    assert one["badge"] == "FFEE"


def test_all_lines_after_a_number_come_oldest_first(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i, person=f"person-{i % 2}") for i in range(2500)])
        assert [line["seq"] for line in lines(reader, 3)] == list(range(4, 2501))
        assert [line["seq"] for line in lines(reader, 0, LogFilter(person="person-1"))] == list(
            range(2, 2501, 2)
        )
        assert list(lines(reader, 2500)) == []
