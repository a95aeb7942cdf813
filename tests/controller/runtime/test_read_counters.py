"""Where time is an argument: what is refused as a recording, and what moves the counter."""

import random

from controller.model.readings import CardReading
from controller.model.unproved import Unproved
from controller.runtime.read_counters import ReadCounters

KEY = "a1" * 16
REPLAYED = Unproved.REPLAYED


def answers(counters: ReadCounters, *values: int, key: str = KEY) -> list[Unproved | None]:
    return [counters.register(CardReading(key, value)) for value in values]


def test_first_reading_counts_even_of_a_card_never_read_before() -> None:
    assert answers(ReadCounters(dict), 0) == [None]


def test_equal_and_lower_ones_are_recordings_and_higher_ones_are_not() -> None:
    counters = ReadCounters(lambda: {KEY: 10})
    assert answers(counters, 10, 9, 0, 11, 11, 500, 12, 501) == [
        *[REPLAYED] * 3,
        None,
        REPLAYED,
        None,
        REPLAYED,
        None,
    ]
    assert answers(counters, 1, key="b2" * 16) == [None]


def test_ten_thousand_readings_in_any_order_count_once_and_rising_only() -> None:
    chance, counters, highest, let_by = random.Random(14), ReadCounters(dict), -1, 0
    for _ in range(10_000):
        value = chance.randrange(highest + 3 if chance.random() < 0.1 else max(highest, 0) + 1)
        (reason,) = answers(counters, value)
        assert (reason is None) == (value > highest)
        highest, let_by = max(highest, value), let_by + (reason is None)
    assert let_by > 25


def test_while_the_log_cannot_be_read_nothing_counts_and_recordings_are_known_all_the_same() -> None:
    """What the highest one was nobody can say then, so none is believed."""
    earlier: dict[str, int] | None = None
    counters = ReadCounters(lambda: earlier)
    assert answers(counters, 7, 7) == [Unproved.UNCOUNTED, REPLAYED]
    earlier = {KEY: 9}
    assert answers(counters, 8, 9, 10) == [REPLAYED, REPLAYED, None]
