"""When a reader is reported online or offline; each test is a dialogue with the reader's session."""

from collections.abc import Callable

import pytest

from controller.model.signals import ReaderOffline, ReaderOnline
from firmware_bridge.messages import DeviceOffline, DeviceOnline
from firmware_bridge.problems import Problem, ProblemCode
from tests.controller.drivers.dialogue import READER, Dialogue

BROKEN = Problem(ProblemCode.BRIDGE_ENDED, {"end": "exit 1"})
CRASHED = Problem(ProblemCode.BRIDGE_ENDED, {"end": "signal 11, SIGSEGV"})
ONLINE = DeviceOnline("PN532")


def away_at(path: object) -> DeviceOffline:
    return DeviceOffline("not_there", {"path": str(path)})


def reasons(count: int) -> Dialogue:
    """A reader that was offline for so many reasons in a row."""
    talk = Dialogue()
    for number in range(count):
        talk.hear(away_at(number))
    return talk


def flap(talk: Dialogue, seconds: float, every: float = 0.5) -> None:
    """For this time, the reader comes online and its bridge ends immediately, repeatedly."""
    end = talk.now + seconds
    while talk.now < end:
        talk.start_bridge()
        talk.hear(ONLINE)
        talk.tick()
        talk.end_bridge(CRASHED)
        talk.now += every


def test_reader_that_stays_online_or_offline_is_reported_once() -> None:
    talk = Dialogue()
    talk.hear(ONLINE, ONLINE, away_at("a"), away_at("a"))
    assert talk.signals == [
        ReaderOnline(READER, "PN532"),
        ReaderOffline(READER, "not_there", {"path": "a"}),
    ]


def test_end_of_a_bridge_that_reported_nothing_is_a_reader_offline() -> None:
    talk = Dialogue()
    talk.end_bridge(CRASHED)
    assert talk.signals == [ReaderOffline(READER, "bridge_ended", {"end": "signal 11, SIGSEGV"})]


def test_reader_offline_for_another_reason_reports_the_new_one() -> None:
    talk = Dialogue()
    talk.hear(away_at("a"), away_at("a"), away_at("b"))
    assert talk.problems == ["not_there a", "not_there b"]


def test_reader_with_a_different_reason_each_time_is_reported_once_a_minute() -> None:
    """Ten minutes at seven reasons a second; a bridge that reports this is broken or compromised."""
    talk = Dialogue()
    for count in range(4200):
        talk.now = count / 7
        talk.hear(away_at(f"reason {count % 3}"))
    assert 4 <= len(talk.signals) <= 15
    talk.hear(ONLINE, away_at("reason 9"))
    assert talk.signals[-2:] == [
        ReaderOnline(READER, "PN532"),
        ReaderOffline(READER, "not_there", {"path": "reason 9"}),
    ]


def test_reason_that_had_to_wait_is_reported_as_soon_as_its_allowance_permits() -> None:
    talk = reasons(10)
    assert len(talk.problems) == 5  # the first, and four others immediately
    talk.tick(59.9)
    assert len(talk.problems) == 5
    talk.tick(0.1)
    talk.tick()
    assert talk.problems[5:] == ["not_there 9"]


@pytest.mark.parametrize("ending", [away_at(4), ONLINE])
def test_pending_reason_is_dropped_when_the_old_one_is_valid_again_or_the_reader_is_back(
    ending: DeviceOffline | DeviceOnline,
) -> None:
    talk = reasons(6)
    talk.hear(ending)
    talk.tick(3600)
    assert talk.problems[-1] == "not_there 4"


def test_report_of_the_next_bridge_replaces_the_end_of_the_last() -> None:
    """The end of a bridge is soon over; the fault to correct is that its successor can't open the port."""
    talk = Dialogue()
    talk.hear(ONLINE)
    talk.end_bridge(BROKEN)
    for _ in range(2):
        talk.start_bridge()
        talk.hear(away_at("used"))
        talk.end_bridge(BROKEN)
    assert talk.problems == ["bridge_ended exit 1", "not_there used"]


def test_bridge_that_dies_as_soon_as_it_reads_is_reported_once_a_minute_and_its_last_state_in_the_end() -> (
    None
):
    talk = Dialogue(returns=6)
    flap(talk, 600.0)
    kinds = [type(signal) for signal in talk.signals]
    assert kinds == [ReaderOnline, ReaderOffline] * (len(kinds) // 2)
    assert 7 <= kinds.count(ReaderOnline) <= 1 + 6 + 10
    talk.start_bridge()
    talk.hear(ONLINE)
    reported = len(talk.signals)
    assert type(talk.signals[-1]) is ReaderOffline  # the page shows it offline for a minute at most
    talk.tick(60.0)
    talk.tick()
    assert talk.signals[reported:] == [ReaderOnline(READER, "PN532")]
    talk.end_bridge(CRASHED)
    assert type(talk.signals[-1]) is ReaderOffline  # and never online when it is not


@pytest.mark.parametrize(
    "leave", [lambda talk: talk.hear(away_at("unplugged")), lambda talk: talk.end_bridge(BROKEN)]
)
def test_reader_whose_return_had_to_wait_and_that_is_away_again_is_not_reported_online(
    leave: Callable[[Dialogue], None],
) -> None:
    talk = Dialogue(returns=6)
    flap(talk, 10.0)
    talk.start_bridge()
    talk.hear(ONLINE)
    leave(talk)
    talk.tick(3600)
    assert type(talk.signals[-1]) is ReaderOffline


def test_reader_that_is_unplugged_and_plugged_in_again_is_reported_each_time() -> None:
    """A person is working beside it; no bridge has ended."""
    talk = Dialogue()
    for _ in range(20):
        talk.hear(ONLINE, away_at("unplugged"))
    assert [type(signal) for signal in talk.signals] == [ReaderOnline, ReaderOffline] * 20


def test_end_of_a_bridge_limits_one_return_only() -> None:
    talk = Dialogue()
    talk.hear(ONLINE)
    talk.end_bridge(CRASHED)
    talk.start_bridge()
    for _ in range(20):
        talk.hear(ONLINE, away_at("unplugged"))
    assert [type(signal) for signal in talk.signals] == [ReaderOnline, ReaderOffline] * 21


def test_bridge_that_dies_before_its_first_message_is_the_reason_reported_once() -> None:
    """Its reader was unplugged; since then it can't even start, and plugging it in does not help."""
    talk = Dialogue()
    talk.hear(away_at("usb"))
    for _ in range(1200):
        talk.end_bridge(BROKEN)
        talk.start_bridge()
        talk.now += 0.5
    assert talk.problems == ["not_there usb", "bridge_ended exit 1"]


def test_pending_reason_outlives_its_bridge() -> None:
    talk = reasons(10)
    talk.end_bridge(BROKEN)
    assert len(talk.problems) == 5
    talk.start_bridge()
    talk.tick(60.0)
    assert talk.problems[5:] == ["not_there 9"]
    for _ in range(2):
        talk.end_bridge(BROKEN)
    assert talk.problems[6:] == []
    talk.now = 120.0
    talk.end_bridge(BROKEN)  # a report without a heartbeat
    assert talk.problems[6:] == ["bridge_ended exit 1"]


def test_end_of_a_bridge_whose_reader_is_back_replaces_the_earlier_problem() -> None:
    talk = Dialogue(returns=6)
    flap(talk, 10.0)
    talk.start_bridge()
    talk.hear(away_at("unplugged"), ONLINE)  # the return has to wait
    talk.end_bridge(BROKEN)
    assert talk.problems[-2:] == ["not_there unplugged", "bridge_ended exit 1"]
