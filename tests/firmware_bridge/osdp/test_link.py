from collections.abc import Callable

import pytest

from firmware_bridge.messages import DeviceOffline, DeviceOnline, FromBridge
from firmware_bridge.osdp.link import (
    FORGED,
    GRACE_MS,
    LASTING_MS,
    NOISE,
    REPORT_EVERY_MS,
    REPORTS_AT_ONCE,
    SILENT,
    STARTING_MS,
    Link,
)
from firmware_bridge.problems import Problem, ProblemCode

OTHER = Problem(ProblemCode.OSDP_KEY_REFUSED)
LINE_AWAY = Problem(ProblemCode.LINE_NOT_THERE, {"path": "/dev/x"})


def tries(link: Link, start: int, end: int, is_there: bool = False) -> list[int]:
    """Return when it tried again, with each try failing immediately."""
    found = []
    for now in range(start, end):
        if link.is_due(now):
            found.append(now - start)
            link.went_down(SILENT, now, is_there)
    return found


def test_reader_gone_is_tried_immediately_then_at_least_every_two_seconds() -> None:
    link = Link("a", 0)
    link.came_up()
    link.went_down(SILENT, 1000)
    assert tries(link, 1000, 12_000) == [0, 50, 250, 750, 1750, 3750, 5750, 7750, 9750]


def test_reader_that_answers_something_is_tried_more_often() -> None:
    link = Link("a", 0)
    link.went_down(SILENT, 0, True)
    assert tries(link, 0, 1000, True) == [0, 50, 250, 450, 650, 850]


def test_short_gap_is_nobodys_business() -> None:
    link = Link("a", 0)
    link.came_up()
    assert link.next_report(5, "reader") == DeviceOnline("reader", "a")
    link.mark_reported(5)
    link.went_down(SILENT, 1000)
    assert link.next_report(1000 + GRACE_MS - 1, "reader") is None
    link.came_up()
    assert link.next_report(1000 + GRACE_MS, "reader") is None


@pytest.mark.parametrize("problem", [SILENT, NOISE])
@pytest.mark.parametrize("up_ms", [GRACE_MS, GRACE_MS + 1, 5000, STARTING_MS - 1])
def test_reader_that_comes_up_within_ten_seconds_of_the_start_is_only_reported_online(
    problem: Problem, up_ms: int
) -> None:
    """It boots after the power cut, as we do: nobody has to act on that."""
    link = Link("a", 0)

    def boots(now: int) -> None:
        if now < up_ms:
            link.went_down(problem, now)
        else:
            link.came_up()

    assert heard_within(link, 0, 60_000, 10, boots) == [DeviceOnline("reader", "a")]


def test_line_that_comes_within_ten_seconds_of_the_start_is_nobodys_business() -> None:
    link = Link("a", 0)
    for now in range(0, STARTING_MS, 1000):
        link.went_down(LINE_AWAY, now, line_is_away=True)
        assert link.next_report(now, "reader") is None
    link.went_down(LINE_AWAY, STARTING_MS, line_is_away=True)
    assert isinstance(link.next_report(STARTING_MS, "reader"), DeviceOffline)


def test_reader_that_does_not_come_after_the_start_is_reported_after_ten_seconds_once() -> None:
    heard = heard_within(Link("a", 0), 0, 600_000, 10, lambda now: None)
    assert heard == [DeviceOffline.of(SILENT, "a")]
    link = Link("a", 0)
    assert link.next_report(STARTING_MS - 1, "reader") is None
    assert link.next_report(STARTING_MS, "reader") is not None


def test_reader_with_another_key_is_reported_immediately_also_after_the_start() -> None:
    link = Link("a", 0)
    link.went_down(OTHER, 100)
    assert link.next_report(GRACE_MS, "reader") == DeviceOffline.of(OTHER, "a")


def test_reader_that_was_there_since_the_start_and_goes_is_reported_immediately() -> None:
    link = Link("a", 0)
    link.came_up()
    link.mark_reported(100)
    link.went_down(SILENT, 200)
    assert link.next_report(200 + GRACE_MS, "reader") == DeviceOffline.of(SILENT, "a")


def away(link: Link, now: int) -> Link:
    """Reported offline, because it is silent; it was online before."""
    link.came_up()
    link.went_down(SILENT, now)
    assert link.next_report(now + GRACE_MS, "reader") == DeviceOffline.of(SILENT, "a")
    link.mark_reported(now + GRACE_MS)
    return link


def heard_within(
    link: Link, start: int, end: int, step: int, happens: Callable[[int], None]
) -> list[FromBridge]:
    """What the door hears while something `happens` every `step` ms."""
    heard: list[FromBridge] = []
    for now in range(start, end, step):
        happens(now)
        if (news := link.next_report(now, "reader")) is not None:
            heard.append(news)
            link.mark_reported(now)
    return heard


def test_longer_gap_is_reported_once() -> None:
    link = away(Link("a", 0), 0)
    assert heard_within(link, GRACE_MS, 600_000, 100, lambda now: link.went_down(SILENT, now)) == []


def test_another_reason_is_reported_when_it_has_lasted_and_a_minute_has_passed() -> None:
    link = away(Link("a", 0), 0)
    due = GRACE_MS + REPORT_EVERY_MS
    link.went_down(OTHER, due - LASTING_MS + 1)
    assert link.next_report(due, "reader") is None
    link.went_down(OTHER, due)
    assert link.next_report(due + 1, "reader") == DeviceOffline.of(OTHER, "a")
    early = away(Link("a", 0), 0)
    early.went_down(OTHER, 2000)
    assert early.next_report(due - 1, "reader") is None
    assert early.next_report(due, "reader") == DeviceOffline.of(OTHER, "a")


@pytest.mark.parametrize("lasts_ms", [70, 140, 1000, 4000, 6000, 20_000, 60_000])
def test_reasons_that_alternate_for_ten_minutes_are_a_dozen_records_at_most(lasts_ms: int) -> None:
    link = Link("a", 0)
    reasons = (SILENT, OTHER, Problem(ProblemCode.OSDP_UNEXPECTED_ANSWER))
    heard = heard_within(
        link, 0, 600_000, 70, lambda now: link.went_down(reasons[now // lasts_ms % 3], now, True)
    )
    assert 1 <= len(heard) <= (1 if lasts_ms < LASTING_MS else 12)


@pytest.mark.parametrize("lasts_ms", [1600, 2000, 5000, 7000, 20_000])
def test_reader_that_comes_and_goes_is_reported_once_a_minute_and_what_is_in_the_end(lasts_ms: int) -> None:
    link = Link("a", 0)

    def flap(now: int) -> None:
        if now // lasts_ms % 2:
            link.went_down(SILENT, now)
        else:
            link.came_up()

    heard = heard_within(link, 0, 600_000, 100, flap)
    assert heard[:2] == [DeviceOnline("reader", "a"), DeviceOffline.of(SILENT, "a")]
    assert len(heard) <= REPORTS_AT_ONCE + 10
    link.went_down(SILENT, 600_000)
    last = [*heard, *heard_within(link, 600_000, 720_000, 100, lambda now: link.came_up())][-1]
    assert last == DeviceOnline("reader", "a")


def test_what_could_not_be_reported_is_reported_later() -> None:
    link = Link("a", 0)
    link.came_up()
    assert link.next_report(1, "reader") is not None and link.next_report(2, "reader") is not None


def test_five_forgeries_a_minute_are_reported_immediately_and_the_reader_rests() -> None:
    link = Link("a", 0)
    for now in (0, 10_000, 20_000, 30_000):
        link.came_up()
        link.mark_reported(now)
        link.forged(now)
        assert link.next_report(now, "reader") is None
    link.came_up()
    link.mark_reported(40_000)
    link.forged(40_000)
    assert link.next_report(40_000, "reader") == DeviceOffline.of(FORGED, "a")
    assert not link.is_due(41_999) and link.is_due(42_000)


def test_five_forgeries_a_day_are_noise() -> None:
    link = Link("a", 0)
    for hour in range(5):
        link.came_up()
        link.mark_reported(hour * 3_600_000)
        link.forged(hour * 3_600_000)
    assert link.next_report(4 * 3_600_000 + 10, "reader") is None
