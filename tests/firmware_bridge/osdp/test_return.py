"""Readers that are opened, fall silent and come back, many times in a row.

What passes between two falls is our own time (`skip`): the telling is limited by the minute (link.py), and
nobody waits for that here.
"""

import random
from collections.abc import Callable

import pytest

from firmware_bridge.messages import ConditionChanged, DeviceOffline, DeviceOnline
from firmware_bridge.osdp.link import (
    GRACE_MS,
    REPORT_EVERY_MS,
    REPORTS_AT_ONCE,
    RETRY_MS,
    STARTING_MS,
    THERE_MS,
)
from tests.firmware_bridge.osdp.rig import NAME, Rig

MANY = pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(1800)])
Send = Callable[[str], None]


def cut(rig: Rig) -> None:
    rig.to_reader = lambda data: []


def mend(rig: Rig) -> None:
    rig.to_reader = lambda data: [data]


def to_the_next_try(rig: Rig, share: float = 1.0) -> None:
    """So much of the time that is left until then passes."""
    if rig.link.retry_at_ms is not None:
        rig.skip(int(share * max(0, rig.link.retry_at_ms - rig.now())))


def is_back(rig: Rig) -> bool:
    return rig.link.is_up and not rig.link.is_stale


@pytest.mark.parametrize("times", [2, MANY])
def test_silent_reader_is_reported_offline_within_two_seconds(rig: Rig, figure: Send, times: int) -> None:
    took = []
    for _ in range(times):
        rig.skip(REPORTS_AT_ONCE * REPORT_EVERY_MS)
        rig.until(lambda: is_back(rig))
        rig.sent.clear()
        cut(rig)
        began = rig.now()
        rig.until(lambda: not rig.link.is_up)
        rig.skip(GRACE_MS)
        rig.until(lambda: rig.of(DeviceOffline))
        took.append(rig.now() - began)
        mend(rig)
        to_the_next_try(rig)
    figure(f"{times} of {times} told, {max(took)} ms at most")
    assert times < 50 or max(took) <= 2000


def test_reader_that_boots_some_seconds_after_us_is_reported_online_and_never_away(
    make_rig: Callable[..., Rig],
) -> None:
    """After a power cut, or a restart of the service: nobody has to act on that."""
    rig = make_rig()
    cut(rig)
    rig.until(lambda: rig.link.retry_at_ms is not None)
    rig.skip(STARTING_MS - 6000)  # a slow machine has the rest of it
    for _ in range(100):
        rig.step()
    assert not rig.of(DeviceOffline)
    mend(rig)
    to_the_next_try(rig)
    rig.until(lambda: rig.of(DeviceOnline))
    assert not rig.of(DeviceOffline)


@pytest.mark.parametrize("times", [2, MANY])
def test_opened_reader_is_reported_each_time(rig: Rig, figure: Send, times: int) -> None:
    took = []
    for tampered in [True, False] * times:
        rig.reader.tamper = tampered
        began = rig.now()
        rig.until(lambda now=tampered: ConditionChanged("tamper", now, NAME) in rig.sent)  # type: ignore[misc]
        took.append(rig.now() - began)
        rig.sent.clear()
    figure(f"{times} of {times} told, {max(took)} ms at most")
    assert times < 50 or max(took) <= 2000


@pytest.mark.parametrize("times", [2, MANY])
def test_reader_that_was_away_for_long_reads_soon_after_its_return(
    rig: Rig, figure: Send, times: int
) -> None:
    """libosdp itself would not poll it for 300 s."""
    chance = random.Random(17)
    waited, took = [], []
    for value in range(times):
        cut(rig)
        rig.until(lambda: not rig.link.is_up)
        rig.watch.readers[0].channel.answered_at -= 2.0  # long enough to count as gone
        rig.tries(len(RETRY_MS) - 1)
        rig.until(lambda: rig.link.retry_at_ms is not None)
        to_the_next_try(rig, chance.random())
        mend(rig)
        began, before = rig.now(), rig.skipped_ms
        while not rig.link.is_up:
            to_the_next_try(rig)
            rig.step()
        rig.until(lambda: is_back(rig))
        assert rig.reader.present(32, value.to_bytes(4, "big"))
        rig.until(lambda now=value: rig.cards == [f"20{now:08X}"])  # type: ignore[misc]
        took.append(rig.now() - began)
        waited.append(rig.skipped_ms - before)
        rig.sent.clear()
    figure(f"{times} of {times} back and reading, {max(took)} ms at most")
    assert max(waited) <= 5000  # of time that was waited; the rest is this machine's
    assert times < 50 or max(took) <= 5000


@pytest.mark.parametrize("garbled", [True, False])
def test_reader_whose_words_come_garbled_is_tried_more_often_than_a_silent_one(
    rig: Rig, garbled: bool
) -> None:
    """Or it would be found two seconds after the noise."""
    rig.to_panel = lambda data: [data[::-1]] if garbled else []
    rig.until(lambda: not rig.link.is_up)
    rig.watch.readers[0].channel.answered_at -= 2.0
    rig.tries(len(RETRY_MS))
    rig.until(lambda: rig.link.retry_at_ms is not None)
    assert ((rig.link.retry_at_ms or 0) - rig.now() <= THERE_MS) is garbled


def next_pause(rig: Rig, instead: bytes) -> int:
    """Milliseconds to the next try of a reader that is long gone; `instead` comes in its place."""

    def answer(data: bytes) -> list[bytes]:
        rig.send_to_panel(instead)
        return []

    rig.to_reader = answer
    rig.tries(len(RETRY_MS))
    failed = rig.watch._down
    pauses: list[int] = []

    def noted(*words: object) -> None:
        failed(*words)  # type: ignore[arg-type]
        assert rig.link.retry_at_ms is not None and isinstance(words[-1], int)
        pauses.append(rig.link.retry_at_ms - words[-1])

    rig.watch._down = noted  # type: ignore[method-assign]
    rig.until(lambda: pauses)
    return pauses[0]


@pytest.mark.parametrize("glitch", [b"\x00", b"\xff", b"\x00\xff\x00"])
def test_dead_reader_on_a_line_with_glitches_at_its_turns_leaves_the_line_to_the_others(
    make_rig: Callable[..., Rig], glitch: bytes
) -> None:
    assert next_pause(make_rig(), glitch) == RETRY_MS[-1]


def test_reader_in_whose_place_noise_comes_is_tried_sooner(make_rig: Callable[..., Rig]) -> None:
    """It may be back with the next frame."""
    assert next_pause(make_rig(), b"\x12\x53\xa7") == THERE_MS
