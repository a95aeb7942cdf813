"""How many alarms rights without a record raise, at moments the test gives."""

import pytest

from controller.model.events import Event
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.runtime.unaccounted_alarms import UnaccountedAlarms
from tests.sample_site import NOW, moved


def person(number: int, digest: bytes = b"found") -> SubjectDigest:
    return SubjectDigest(Subject(SubjectKind.PERSON, f"{number}"), digest)


def test_same_value_is_an_alarm_once_in_ten_minutes_and_another_value_is_a_new_one() -> None:
    events: list[Event] = []
    alarms = UnaccountedAlarms(events.append)
    for _ in range(2):
        alarms.report([person(1)], NOW)
    assert len(events) == 1
    alarms.report([person(1, b"other")], NOW)
    assert len(events) == 2
    alarms.report([person(1, b"other")], moved(NOW, minutes=10))
    assert len(events) == 3


def test_subject_that_agreed_again_raises_a_new_alarm_with_the_same_value() -> None:
    events: list[Event] = []
    alarms = UnaccountedAlarms(events.append)
    for count in (1, 2):
        alarms.report([person(1)], NOW)
        assert len(events) == count
        alarms.agree([person(1).subject])


def test_flood_raises_twenty_alarms_and_then_one_a_minute_with_the_count() -> None:
    events: list[Event] = []
    alarms = UnaccountedAlarms(events.append)
    for number in range(100):
        alarms.report([person(number)], NOW)
    assert len(events) == 20
    alarms.tick(moved(NOW, seconds=59))
    assert len(events) == 20
    alarms.tick(moved(NOW, seconds=60))
    alarms.tick(moved(NOW, seconds=61))
    assert len(events) == 21 and events[20].codes["count"] == 80
    assert events[20].codes["subject"] == "p:20" and len(str(events[20].codes["subjects"]).split()) == 20
    alarms.report([person(500)], moved(NOW, minutes=10))
    assert len(events) == 22


def test_each_tap_that_is_admitted_is_an_alarm_or_counted_in_one() -> None:
    events: list[Event] = []
    alarms = UnaccountedAlarms(events.append)
    for _ in range(30):
        alarms.report([person(1)], NOW, is_admitted=True)
    alarms.tick(moved(NOW, minutes=1))
    assert len(events) == 21 and events[20].codes == {"subject": "p:1", "subjects": "p:1", "count": 10}


def test_flood_of_subjects_brings_back_no_newer_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.runtime.unaccounted_alarms._SUBJECTS_AT_MOST", 3)
    events: list[Event] = []
    alarms = UnaccountedAlarms(events.append)
    for number in range(5):
        alarms.report([person(number)], NOW)
    alarms.report([person(number) for number in range(2, 5)], NOW)
    assert len(events) == 5
    alarms.report([person(0)], NOW)
    assert len(events) == 6
