"""The last column of `genkan log show` holds what a record says beside its time, place, result and person."""

import contextlib
from pathlib import Path

from controller.commands.log.other_fields import OF_EVERY_LINE, addition
from controller.journal.append import Journal
from controller.journal.export.lines import line, lines
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType, Json
from tests.controller.commands.command import done, genkan
from tests.controller.commands.logged import grant, journal_of
from tests.sample_site import NOW


def of(tmp_path: Path, event: Event) -> str:
    """The column of this record, through a real log."""
    file = tmp_path / "journal.db"
    with contextlib.closing(Journal.open(file, "abc")) as journal:
        (seq,) = journal.append([event])
        with JournalReader(file) as reader:
            (found,) = lines(reader, seq - 1)
    return addition(found)


def test_door_mode_shows_what_it_is_what_it_was_and_why(tmp_path: Path) -> None:
    codes: dict[str, str | int] = {"mode": "unlocked", "rules": 3, "cause": "schedule", "before": "card"}
    event = Event(EventType.DOOR_MODE_CHANGED, NOW, door="entrance", codes=codes)
    text = of(tmp_path, event)
    assert sorted(text.split(" ")) == ["before=card", "cause=schedule", "mode=unlocked"]


def test_operators_action_shows_who_did_what_to_what(tmp_path: Path) -> None:
    event = Event(
        EventType.OPERATOR_ACTION,
        NOW,
        actor="o1",
        codes={"action": "badge_lost", "action_id": 4, "object_type": "badge", "object_id": "f1d63ee1"},
        details={"operator": "佐藤 \n太郎", "role": "admin", "after": {"person": "鈴木 愛"}},
    )
    text = of(tmp_path, event)
    assert text.startswith('operator="佐藤 \\n太郎" ') and "鈴木" not in text
    assert "action=badge_lost" in text and "object_type=badge" in text and "object_id=f1d63ee1" in text
    assert "action_id" not in text


def test_override_in_a_lockdown_shows_its_remark_and_an_ordinary_grant_nothing(tmp_path: Path) -> None:
    codes: dict[str, str | int] = {"area": "floor", "category": "sv", "rules": 2}
    for more, text in (({}, "-"), ({"warning": "lockdown_overridden"}, "warning=lockdown_overridden")):
        folder = tmp_path / f"{len(more)}"
        folder.mkdir()
        event = Event(EventType.ACCESS_GRANTED, NOW, door="entrance", result="granted", codes=codes | more)
        assert of(folder, event) == text


def test_reader_that_went_offline_shows_the_problem_with_its_fields(tmp_path: Path) -> None:
    details: dict[str, Json] = {"problem": "no_answer_on_serial", "path": "tty:USB0", "baud": 115200}
    event = Event(EventType.READER_OFFLINE, NOW, reader="entrance-in", details=details)
    text = of(tmp_path, event).split(" ")
    assert sorted(text) == ["alarm=1", "baud=115200", "path=tty:USB0", "problem=no_answer_on_serial"]


def test_damaged_configuration_shows_the_problem_with_its_fields(tmp_path: Path) -> None:
    details: dict[str, Json] = {"problem": "bad_value", "where": "[site] fire_pin", "value": "99"}
    text = of(tmp_path, Event(EventType.CONFIG_DAMAGED, NOW, details=details))
    assert text == 'alarm=1 problem=bad_value value=99 where="[site] fire_pin"'


def test_reader_that_went_offline_under_an_earlier_version_shows_its_sentence(tmp_path: Path) -> None:
    event = Event(EventType.READER_OFFLINE, NOW, reader="entrance-in", details={"problem": "not there"})
    assert of(tmp_path, event) == 'alarm=1 problem="not there"'


def test_names_of_every_line_are_those_of_a_record_that_says_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with contextlib.closing(Journal.open(file, "abc")) as journal:
        (seq,) = journal.append([Event(EventType.LOCK_RELEASED, NOW, door="entrance")])
        with JournalReader(file) as reader:
            entry = reader.entry(seq)
    assert entry is not None and set(line(entry)) == OF_EVERY_LINE


def test_shown_line_ends_with_the_column(logged: Path) -> None:
    mode = Event(
        EventType.DOOR_MODE_CHANGED, NOW, door="entrance", codes={"mode": "locked", "cause": "start"}
    )
    with journal_of(logged) as journal:
        journal.append([grant("x"), mode])
    granted, changed = done(genkan("log", "show", "--data", logged, "--last", "2")).lines
    assert granted.split("  ")[-3:] == ["x", "A1B2", "-"]
    assert sorted(changed.split("  ")[-1].split(" ")) == ["cause=start", "mode=locked"]
