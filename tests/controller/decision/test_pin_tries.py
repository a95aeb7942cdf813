"""Recent wrong PINs, and the pause in which the door checks no PIN."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from controller.decision.pin_tries import FORGOTTEN_MS, FREE, LONGEST_MS, PinTries
from controller.model.moment import ClockState
from controller.model.pins import PinTry
from tests.controller.decision.samples import NOON, after_ms, at

DAY = 24 * 3600
MINUTE = 60_000


def wrong(tries: PinTries, count: int, at_ms: int = 0, badge: str = "b", reader: str = "r") -> None:
    for _ in range(count):
        tries.note(badge, reader, False, at_ms)


def test_five_are_free_then_a_minute_doubling_to_a_quarter_of_an_hour():
    tries, now, waits = PinTries(), 0, []
    for _ in range(12):
        tries.note("b", "r", False, now)
        waits.append(tries.locked_ms("b", "r", now))
        now += waits[-1]
    assert [wait // MINUTE for wait in waits] == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15]


def test_thousand_wrong_pins_keyed_in_without_a_pause_are_checked_480_times_a_day_at_most():
    tries, looked_at = PinTries(), []
    second = 0
    while len(looked_at) < 1000:
        if tries.locked_ms("b", "r", second * 1000) == 0:
            tries.note("b", "r", False, second * 1000)
            looked_at.append(second)
        second += 1
    for first in looked_at:
        assert sum(first <= moment < first + DAY for moment in looked_at) <= 480
    assert looked_at[:FREE] == list(range(FREE)) and looked_at[FREE] == looked_at[FREE - 1] + 60
    assert looked_at[-1] > 9 * DAY


def test_other_people_at_other_readers_are_unaffected():
    tries = PinTries()
    wrong(tries, 50)
    assert tries.locked_ms("other", "other reader", 0) == 0
    assert tries.locked_ms("b", "other reader", 0) > 0, "the badge is locked everywhere"
    assert tries.locked_ms("other", "r", 0) > 0, "and so is the reader"


def test_right_one_forgets_the_wrong_ones_before_it():
    tries = PinTries()
    wrong(tries, FREE)
    tries.note("b", "r", True, MINUTE)
    assert tries.locked_ms("b", "r", MINUTE) == 0
    wrong(tries, FREE - 1, MINUTE)
    assert tries.locked_ms("b", "r", MINUTE) == 0


def test_right_one_of_somebody_else_frees_the_reader_and_not_the_badge():
    tries = PinTries()
    wrong(tries, FREE)
    tries.note("other", "r", True, 0)
    assert tries.locked_ms("other", "r", 0) == 0
    assert tries.locked_ms("b", "r", 0) == MINUTE


def test_day_without_a_wrong_one_forgets_them():
    tries = PinTries()
    wrong(tries, FREE)
    wrong(tries, 1, FORGOTTEN_MS)
    assert tries.locked_ms("b", "r", FORGOTTEN_MS) == 0


def test_reader_whose_wrong_pins_are_a_while_past_does_not_shut_out_the_shift_for_one_slip():
    tries = PinTries()
    wrong(tries, FREE)
    assert tries.locked_ms("other", "r", 0) == MINUTE
    wrong(tries, 1, 12 * MINUTE, badge="third")
    assert tries.locked_ms("other", "r", 12 * MINUTE) == 0
    before_this_boot = PinTries()
    wrong(before_this_boot, 1, -60 * MINUTE)
    wrong(before_this_boot, 1, 0)
    assert before_this_boot.locked_ms("other", "r", 0) == 0
    assert tries.locked_ms("b", "elsewhere", 0) == MINUTE, "a badge forgets nothing by time"


def test_many_badges_at_one_reader_are_checked_480_times_a_day_at_most():
    tries, looked_at = PinTries(), []
    for second in range(0, DAY, 60):
        if tries.locked_ms(str(second), "r", second * 1000) == 0:
            tries.note(str(second), "r", False, second * 1000)
            looked_at.append(second)
    assert FREE < len(looked_at) <= 480


def test_new_pin_forgets_the_wrong_ones_before_it_of_that_badge_alone():
    tries = PinTries()
    wrong(tries, FREE, 0)
    wrong(tries, FREE, 0, badge="c", reader="s")
    tries.new_pin("b", 10)
    assert (tries.locked_ms("b", "t", 10), tries.locked_ms("c", "t", 10)) == (0, MINUTE - 10)
    wrong(tries, FREE, 20)
    tries.new_pin("b", 10)
    assert tries.locked_ms("b", "t", 20) == MINUTE, "what was tried at the new one counts"


def entry(mono_ms: int, boot: str = NOON.boot, right: bool = False, hours_ago: float = 0) -> PinTry:
    return PinTry("b", "r", right, NOON.utc - timedelta(hours=hours_ago), boot, mono_ms)


def test_log_of_this_boot_counts_to_the_millisecond():
    tries = PinTries()
    tries.load([entry(mono) for mono in range(FREE)], after_ms(10))
    assert tries.locked_ms("b", "r", 10) == MINUTE - 6


def test_restart_is_not_a_way_around_the_wait_and_a_clock_nobody_trusts_neither():
    tries = PinTries()
    now = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED, mono_ms=20_000)
    tries.load([entry(999, "e" * 32, hours_ago=5)] * FREE, now)
    assert tries.locked_ms("b", "r", 20_000) == 40_000, "a minute from the begin of this boot"
    trusting = PinTries()
    trusting.load([entry(999, "e" * 32, hours_ago=5)] * FREE, at("2026-11-25 12:00", mono_ms=20_000))
    assert trusting.locked_ms("b", "r", 20_000) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40 * MINUTE)), max_size=60))
def test_tries_read_from_the_log_lock_as_those_noted_live(steps: list[tuple[bool, int]]):
    """A restart at any moment makes no difference."""
    live, log, now = PinTries(), [], 0
    for right, pause in steps:
        now += pause
        live.note("b", "r", right, now)
        log.append(entry(now, right=right))
        again = PinTries()
        again.load(log, after_ms(now))
        assert again.locked_ms("b", "r", now) == live.locked_ms("b", "r", now) <= LONGEST_MS
