from datetime import UTC, datetime, timedelta

import pytest

from controller.model.moment import ClockState
from controller.runtime.clock import EARLIEST, Clock

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def clock_at_noon(newest: datetime | None = NOON, synchronised: bool = False) -> Clock:
    """A clock after one reading, with 1,000 s on the monotonic clock."""
    clock = Clock(newest, lambda: synchronised)
    clock.moved(NOON, 1_000_000)
    return clock


def test_plausible_unsynchronised_time_is_holdover_and_synchronised_time_is_trusted():
    clock = clock_at_noon()
    assert clock.judge(NOON, 1_000_000).clock is ClockState.HOLDOVER
    clock.synchronised = True
    assert clock.judge(NOON, 1_000_000).clock is ClockState.TRUSTED


def test_time_before_the_program_was_created_is_untrusted():
    assert Clock(None).judge(EARLIEST - timedelta(days=1), 5).clock is ClockState.UNTRUSTED


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=365)])
def test_clock_set_back_is_untrusted_and_validity_is_still_judged_by_the_newest_time(back):
    moment = clock_at_noon().judge(NOON - back, 1_001_000)
    assert moment.clock is ClockState.UNTRUSTED
    assert moment.judged_utc == NOON


def test_clock_set_back_is_judged_so_even_when_the_kernel_calls_it_synchronised():
    clock = clock_at_noon()
    clock.synchronised = True
    assert clock.judge(NOON - timedelta(hours=1), 1_001_000).clock is ClockState.UNTRUSTED


def test_clock_right_again_is_trusted_again():
    clock = clock_at_noon()
    clock.judge(NOON - timedelta(hours=1), 1_001_000)
    assert clock.judge(NOON + timedelta(seconds=5), 1_005_000).clock is ClockState.HOLDOVER


def test_leap_ahead_without_synchronisation_is_untrusted_and_does_not_move_the_newest_time():
    clock = clock_at_noon()
    future = NOON + timedelta(days=3650)
    assert clock.moved(future, 1_001_000) == timedelta(days=3650) - timedelta(seconds=1)
    assert clock.judge(future, 1_001_000).clock is ClockState.UNTRUSTED
    assert clock.newest == NOON
    clock.moved(NOON + timedelta(seconds=2), 1_002_000)
    assert clock.judge(NOON + timedelta(seconds=2), 1_002_000).clock is ClockState.HOLDOVER


def test_leap_that_the_kernel_calls_synchronised_is_trusted():
    clock = clock_at_noon(synchronised=True)
    later = NOON + timedelta(days=30)
    assert clock.judge(later, 1_001_000).clock is ClockState.TRUSTED
    assert clock.newest == later


def test_leap_is_not_believed_because_the_clock_was_synchronised_a_minute_ago():
    clock = clock_at_noon(synchronised=False)
    clock.synchronised = True
    assert clock.judge(NOON + timedelta(days=365), 1_001_000).clock is ClockState.UNTRUSTED
    assert clock.newest == NOON


def test_first_poll_years_ahead_of_the_journal_is_untrusted_and_moves_nothing():
    clock = Clock(NOON, lambda: False)
    assert clock.judge(NOON + timedelta(days=3650), 5_000).clock is ClockState.UNTRUSTED
    assert clock.newest == NOON


def test_each_step_is_reported_once_and_slow_drift_never():
    clock = clock_at_noon()
    assert clock.moved(NOON + timedelta(seconds=1.5), 1_000_000) is None
    assert clock.moved(NOON - timedelta(hours=1), 1_000_100) is not None
    assert clock.moved(NOON - timedelta(hours=1), 1_000_150) is None


def test_real_clock_gives_this_boot_and_never_goes_back():
    clock = Clock(None)
    first, second = clock.now(), clock.now()
    assert len(first.boot) == 32
    assert first.boot == second.boot
    assert second.mono_ms >= first.mono_ms
    assert first.utc.tzinfo is UTC


def test_synchronised_time_wins_over_newer_times_that_nothing_ever_vouched_for():
    future = NOON + timedelta(days=3650)
    clock = Clock(future, lambda: True, newest_synchronised=NOON)
    now = NOON + timedelta(days=1)
    moment = clock.judge(now, 1_000_000)
    assert (moment.clock, moment.judged_utc) == (ClockState.TRUSTED, now)
    assert clock.newest == clock.newest_synchronised == now
    assert clock.correction() == now - future
    assert clock.correction() is None


def test_clock_without_synchronisation_corrects_nothing():
    clock = Clock(NOON + timedelta(days=3650), lambda: False)
    clock.synchronised = True  # as it was known a minute ago
    assert clock.judge(NOON, 1_000_000).clock is ClockState.UNTRUSTED
    assert clock.correction() is None


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=365)])
def test_synchronised_time_never_goes_behind_the_newest_synchronised_time(back):
    clock = Clock(NOON + timedelta(days=1), lambda: True, newest_synchronised=NOON)
    moment = clock.judge(NOON - back, 1_000_000)
    assert moment.clock is ClockState.UNTRUSTED
    assert moment.judged_utc == NOON + timedelta(days=1)
    assert clock.correction() is None


def test_no_synchronised_time_before_the_program_was_created_corrects_anything():
    clock = Clock(NOON, lambda: True)
    assert clock.judge(EARLIEST - timedelta(days=1), 5).clock is ClockState.UNTRUSTED


@pytest.mark.parametrize(
    ("synchronised", "state"), [(False, ClockState.UNTRUSTED), (True, ClockState.TRUSTED)]
)
def test_while_the_journal_cannot_be_read_only_the_kernel_makes_a_time_one_to_go_by(synchronised, state):
    clock = Clock(None, lambda: synchronised, knows_newest=False)
    assert clock.judge(NOON, 1_000_000).clock is state


def test_newest_time_read_late_counts_from_then_on():
    clock = Clock(None, lambda: False, knows_newest=False)
    clock.judge(NOON, 1_000_000)
    clock.learn(NOON + timedelta(days=1), None)
    behind = clock.judge(NOON, 1_000_050)
    assert (behind.clock, behind.judged_utc) == (ClockState.UNTRUSTED, NOON + timedelta(days=1))
    assert clock.judge(NOON + timedelta(days=2), 1_000_100).clock is ClockState.HOLDOVER


def test_journal_without_a_time_read_late_leaves_a_plausible_clock_at_that():
    clock = Clock(None, lambda: False, knows_newest=False)
    clock.learn(None, None)
    assert clock.judge(NOON, 1_000_000).clock is ClockState.HOLDOVER
