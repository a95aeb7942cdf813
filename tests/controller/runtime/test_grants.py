from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.grants import PendingGrant

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


def pending() -> tuple[PendingGrant, list[str]]:
    calls: list[str] = []
    event = Event(EventType.ACCESS_GRANTED, AT)
    return PendingGrant(
        event, lambda seq: calls.append(f"release {seq}"), lambda: calls.append("refuse")
    ), calls


def test_grant_durable_in_time_releases_with_its_journal_number():
    grant, calls = pending()
    assert grant.durable(7, 10_100)
    assert calls == ["release 7"]


def test_grant_refused_first_is_not_released_when_its_record_lands_late():
    grant, calls = pending()
    grant.refuse()
    assert not grant.durable(7, 12_500)
    assert calls == ["refuse"]


def test_grant_durable_after_two_seconds_is_refused_even_when_nobody_noticed_the_delay():
    """The limit in numbers: the program's own constant would change with it."""
    for settle in (lambda grant, ms: grant.durable(7, ms), lambda grant, ms: grant.remember(-1, ms)):
        grant, calls = pending()
        assert settle(grant, AT.mono_ms + 2000)
        grant, calls = pending()
        assert not settle(grant, AT.mono_ms + 2001)
        assert calls == ["refuse"]


@given(st.lists(st.sampled_from(["durable", "late", "refuse"]), min_size=1))
def test_any_order_of_events_releases_or_refuses_exactly_once(steps):
    grant, calls = pending()
    for step in steps:
        if step == "refuse":
            grant.refuse()
        else:
            grant.durable(7, 10_100 if step == "durable" else 99_000)
    assert len(calls) == 1


def test_remembered_grant_releases_immediately_and_never_again():
    grant, calls = pending()
    assert grant.remember(-1, 10_100)
    assert not grant.durable(7, 10_100)
    assert not grant.refuse()
    assert calls == ["release -1"]


def test_grant_refused_before_is_not_remembered():
    grant, calls = pending()
    assert not grant.remember(-1, 99_000)
    assert calls == ["refuse"]
