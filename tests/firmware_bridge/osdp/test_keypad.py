"""Keys of a reader, one after another, until they are sent off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.osdp.keypad import MOST_DIGITS, PAUSE_MS, Keypad


def sent(*keys: bytes, pause_ms: int = 300) -> list[str]:
    keypad = Keypad()
    return [digits for i, key in enumerate(keys) for digits in keypad.press(key, i * pause_ms)]


@pytest.mark.parametrize(
    "keys",
    [
        [b"2", b"0", b"4", b"8", b"\r"],
        [b"20", b"48#"],
        [b"9", b"9", b"\x7f", b"2", b"0", b"4", b"8", b"#"],
        [b"99*2048\r"],
        [b"2", b"A", b"048", b"\0", b"\r"],
    ],
)
def test_digits_are_sent_off_by_the_last_key(keys: list[bytes]):
    assert sent(*keys) == ["2048"]


def test_nothing_is_sent_before_that_key_and_nothing_twice():
    assert sent(b"2048") == [] and sent(b"\r") == []
    assert sent(b"2048\r\r") == ["2048"]
    assert sent(b"2048\r1357\r") == ["2048", "1357"]


def test_pause_clears_what_somebody_left_half_keyed_in():
    assert sent(b"20", b"48\r", pause_ms=PAUSE_MS) == ["2048"]
    assert sent(b"20", b"48\r", pause_ms=PAUSE_MS + 1) == ["48"]


def test_more_digits_than_any_pin_has_are_not_cut_down_to_one():
    assert sent(b"1" * MOST_DIGITS + b"\r") == ["1" * MOST_DIGITS]
    assert sent(b"1" * (MOST_DIGITS + 1) + b"\r") == []
    assert sent(b"1" * 1000 + b"\r", b"2048\r") == ["2048"]


@given(st.lists(st.tuples(st.binary(max_size=20), st.integers(0, 20_000)), max_size=20))
def test_anything_that_a_reader_says_only_digits_of_bounded_length_come_of_it(
    replies: list[tuple[bytes, int]],
):
    keypad, now = Keypad(), 0
    for keys, pause in replies:
        now += pause
        for digits in keypad.press(keys, now):
            assert digits.isdecimal() and digits.isascii() and 0 < len(digits) <= MOST_DIGITS
