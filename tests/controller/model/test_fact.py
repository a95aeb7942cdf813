from dataclasses import replace
from datetime import UTC, datetime

from controller.model.events import Event, EventType
from controller.model.fact import fact_of
from controller.model.moment import ClockState, Moment

AT = Moment(datetime(2027, 3, 1, 9, 0, 0, 123_999, tzinfo=UTC), 10_000, "b" * 32, ClockState.TRUSTED)
GRANT = Event(EventType.ACCESS_GRANTED, AT, person="p1", codes={"area": "floor"})


def test_time_is_the_one_the_record_will_say() -> None:
    fact = fact_of(3, GRANT)
    assert fact is not None and fact.utc.microsecond == 123_000
    assert (fact.seq, fact.code("area"), fact.code("left")) == (3, "floor", None)


def test_only_what_presence_is_distinguished_from_makes_a_fact() -> None:
    assert fact_of(1, replace(GRANT, type=EventType.DOOR_OPENED)) is None
    denied = replace(GRANT, type=EventType.ACCESS_DENIED)
    assert fact_of(1, denied) is None
    assert fact_of(1, replace(denied, reason="second_person_needed")) is not None
