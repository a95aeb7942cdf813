"""A flood of taps at one reader does not delay people at another door."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from controller.model.credentials import CardNumber
from tests.controller.site import STRANGER, Door, admit, make_site, running_door

TAPS_A_SECOND, PAUSE_SECONDS, P99_SECONDS = 50, 0.4, 0.3
SIDE = """[doors.side]
lock_pin = 16
[access_points.side-in]
door = "side"
direction = "in"
[readers.side-in]
access_point = "side-in"
path = "udp:127.0.0.1:3"
[doors.entrance]
"""
OTHERS = [CardNumber.parse(f"0114B34D0001{number:04X}") for number in range(200)]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    site = make_site(tmp_path / "data", SIDE)
    admit(site)
    with site, running_door(site) as door:
        yield door


class Flood:
    """`cards` in turn at the side door, by the clock, until the test ends it."""

    def __init__(self, door: Door, cards: list[CardNumber]) -> None:
        self.taps = 0
        self._door, self._cards = door, cards
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(began + self.taps / TAPS_A_SECOND - time.monotonic()):
            self._door.present("side-in", self._cards[self.taps % len(self._cards)])
            self.taps += 1

    def end(self) -> None:
        self._ended.set()
        self._thread.join()


def let_in(door: Door, times: int) -> list[float]:
    """Seconds from the good badge in front of the other reader to the green lamp."""
    seen, pause, took = threading.Event(), threading.Event(), []
    door.service.readers["entrance-in"].show = lambda indication: seen.set()  # type: ignore[method-assign]
    for _ in range(times):
        seen.clear()
        began = time.monotonic()
        door.present("entrance-in")
        assert seen.wait(60)
        took.append(time.monotonic() - began)
        pause.wait(PAUSE_SECONDS - took[-1])  # people come one by one, during the flood too
    return took


@pytest.mark.parametrize(
    ("cards", "times"),
    [
        pytest.param([STRANGER], 5, id="one card"),
        pytest.param(OTHERS, 5, id="many cards"),
        pytest.param([STRANGER], 1500, id="ten minutes", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def test_flood_at_one_door_is_merged_and_counted_and_the_other_door_admits(
    door: Door, figure: Callable[[str], None], cards: list[CardNumber], times: int
) -> None:
    flood = Flood(door, cards)
    took = let_in(door, times)
    flood.end()
    door.service.stop()  # what is still counted is written
    granted, merged = door.log("access_granted"), door.log("access_denied")
    assert len(granted) == times and {line["access_point"] for line in granted} == {"entrance-in"}
    assert {(line["reader"], line["reason"]) for line in merged} == {("side-in", "credential_unknown")}
    assert sum(line.get("count", 1) for line in merged) == flood.taps > times
    stamps = [line["mono_ms"] for line in merged]
    assert all(later - earlier >= 1000 for earlier, later in pairwise(stamps[:-1]))
    assert int(door.service.pins.pin(16).state) == 0 and len(door.service.pins.pin(16).states) == 1
    p99 = sorted(took)[int(0.99 * len(took))]
    figure(f"{flood.taps:,} taps, {len(merged)} records; let in elsewhere: p99 {1000 * p99:.0f} ms")
    assert times < 1500 or p99 <= P99_SECONDS
