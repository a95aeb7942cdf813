import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.journal import log_entry
from controller.journal.log_entry import LogEntry
from controller.model.events import ALARM_TYPES, EventType
from controller.model.moment import Moment
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.doors import alarms
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, later


def seqs(site: Site) -> list[tuple[int, ...]]:
    return [alarm.seqs for alarm in alarms.open_alarms(Acting(site, VIEWER, NOW))]


def test_every_kind_of_alarm_is_open_until_somebody_acknowledges_it(site: Site):
    with DoorSide(site) as door:
        numbers = [door.record(kind, door="entrance") for kind in sorted(ALARM_TYPES)]
        door.record(EventType.DOOR_OPENED, door="entrance")
        door.record(EventType.DOOR_HELD_OPEN_WARNING, door="entrance")
        assert seqs(site) == [(number,) for number in reversed(numbers)]
        assert alarms.count(site.acting(VIEWER)) == len(ALARM_TYPES)
        for number in numbers:
            assert alarms.acknowledge(Acting(site, SUPERVISOR, later(minutes=5)), number, "seen to") == 1
        assert alarms.count(site.acting(VIEWER)) == 0 and seqs(site) == []


def test_those_of_one_kind_and_place_are_one_and_a_later_one_stays_open(site: Site):
    with DoorSide(site) as door:
        first = door.record(EventType.READER_OFFLINE, reader="entrance-in", details={"problem": "unplugged"})
        other = door.record(EventType.READER_OFFLINE, reader="entrance-out")
        second = door.record(EventType.READER_OFFLINE, at=later(hours=1), reader="entrance-in")
        assert seqs(site) == [(second, first), (other,)]
        newest = alarms.open_alarms(Acting(site, VIEWER, NOW))[0]
        assert (newest.first_utc, newest.newest.utc) == (NOW.utc, later(hours=1).utc)
        third = door.record(EventType.READER_OFFLINE, reader="entrance-in")  # while the note is typed
        assert alarms.acknowledge(Acting(site, ADMIN, NOW), second, "new cable") == 2
        assert seqs(site) == [(third,), (other,)]


def test_acknowledgement_is_an_action_with_the_note_and_every_number(site: Site):
    with DoorSide(site) as door:
        numbers = [door.record(EventType.DOOR_FORCED_OPEN, door="entrance") for _ in range(2)]
        alarms.acknowledge(Acting(site, SUPERVISOR, NOW), numbers[1], "  the wind\n it was  ")
    with site.registry.read() as db:
        (action,) = [a for a in actions.actions_after(db, 0, 100) if a.action == "alarm_acknowledged"]
    assert (action.reason, action.object_id) == ("the wind it was", str(numbers[1]))
    assert action.after == {"alarm": "door_forced_open", "door": "entrance", "numbers": numbers[::-1]}
    settled = alarms.acknowledged(site.acting(VIEWER))
    assert [one.acknowledgement.alarm_seq for one in settled] == numbers[::-1]
    assert {one.acknowledgement.operator_name for one in settled} == {SUPERVISOR.display_name}
    assert settled[0].entry is not None and settled[0].entry.type == EventType.DOOR_FORCED_OPEN


def test_door_left_open_names_whose_passage_it_was_and_records_the_view(site: Site):
    with DoorSide(site) as door:
        grant = door.record(
            EventType.ACCESS_GRANTED, door="entrance", person="p" * 16, details={"name": "佐藤 太郎"}
        )
        door.record(EventType.DOOR_HELD_OPEN, door="entrance", codes={"of": grant})
        (alarm,) = alarms.open_alarms(Acting(site, VIEWER, NOW))
    assert alarm.passage is not None and alarm.passage.details == {"name": "佐藤 太郎"}
    with site.registry.read() as db:
        views = [a.after for a in actions.actions_after(db, 0, 100) if a.action == "log_viewed"]
    assert views == [{"person": "p" * 16}]


def test_what_cannot_be_acknowledged_is_refused_and_nothing_written(site: Site):
    with DoorSide(site) as door:
        number = door.record(EventType.REX_STUCK, door="entrance")
        plain = door.record(EventType.DOOR_OPENED, door="entrance")
        for note in ("", " \n ", "x" * 501, "a\x00b"):
            with pytest.raises(BadInput) as refusal:
                alarms.acknowledge(Acting(site, ADMIN, NOW), number, note)
            assert refusal.value.field == "note"
        for nothing in (plain, 999_999):
            with pytest.raises(NotFound, match="is not an alarm"):
                alarms.acknowledge(Acting(site, ADMIN, NOW), nothing, "x")
        for operator in (AUDITOR, VIEWER):
            with pytest.raises(NotPermitted):
                alarms.acknowledge(Acting(site, operator, NOW), number, "x")
        assert seqs(site) == [(number,)] and alarms.acknowledged(site.acting(ADMIN)) == ()
        alarms.acknowledge(Acting(site, SUPERVISOR, NOW), number, "freed it")
        with pytest.raises(Conflict, match="Supervisor has acknowledged this alarm already: freed it"):
            alarms.acknowledge(Acting(site, ADMIN, NOW), number, "x")


def test_half_issued_badges_are_found_by_reader_and_no_other_open_alarm_is_read_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    read: list[LogEntry] = []
    entry = log_entry.entry

    def noted(*row: object) -> LogEntry:
        read.append(entry(*row))  # type: ignore[arg-type]
        return read[-1]

    def half_issued(at: Moment, reader: str | None) -> int:
        return door.record(EventType.BADGE_HALF_ISSUED, at=at, door="entrance", reader=reader)

    text = "badge_half_issued"
    with DoorSide(site) as door:
        half_issued(NOW, "entrance-in")
        newest = half_issued(later(hours=1), "entrance-in")
        half_issued(NOW, None)
        door.record(EventType.READER_OFFLINE, reader="entrance-out", codes={"x": {"type": text}})
        for _ in range(50):
            door.record(EventType.READER_OFFLINE, reader="entrance-out", codes={"x": f'"type":"{text}"'})
        monkeypatch.setattr(log_entry, "entry", noted)
        assert alarms.half_issued(site.acting(VIEWER)) == {"entrance-in": later(hours=1).utc}
        assert len(read) <= 4
        monkeypatch.undo()
        assert alarms.acknowledge(Acting(site, SUPERVISOR, later(hours=3)), newest, "finished") == 2
        assert alarms.half_issued(site.acting(VIEWER)) == {}


def test_open_alarms_are_found_by_the_index_alone(site: Site):
    """Not by reading a million records."""
    with site.journal.snapshot() as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT seq FROM events WHERE instr(body, '\"alarm\":1') > 0 ORDER BY seq DESC"
        ).fetchall()
    assert [row[3] for row in plan] == ["SCAN events USING INDEX alarms"]


def test_text_in_a_record_makes_no_alarm(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.DOOR_OPENED, door='x","alarm":1,"y', details={"problem": '"alarm":1'})
        assert seqs(site) == []


def test_duress_of_two_people_is_two_alarms_and_who_it_names_counts_as_viewed(site: Site):
    with DoorSide(site) as door:
        first, second = (
            door.record(EventType.DURESS, door="entrance", reader="entrance-in", person=person * 16)
            for person in "pq"
        )
        assert seqs(site) == [(second,), (first,)]
    with site.registry.read() as db:
        viewed = [a.after for a in actions.actions_after(db, 0, 100) if a.action == "log_viewed"]
    assert {str(after) for after in viewed if after} >= {str({"person": "p" * 16}), str({"person": "q" * 16})}


def test_rights_of_two_subjects_without_a_record_are_two_alarms(site: Site):
    with DoorSide(site) as door:
        for subject in ("l:1", "s:1", "l:1"):
            door.record(EventType.RIGHTS_UNACCOUNTED, codes={"subject": subject})
        assert [len(group) for group in seqs(site)] == [2, 1]
