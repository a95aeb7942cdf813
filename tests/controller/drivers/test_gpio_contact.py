"""Shorter than 50 ms is ignored, 400 ms and longer never missed."""

import queue
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.drivers.gpio_contact import HOLD_MS, SAMPLE_S, Debounce, GpioContact
from controller.drivers.pins import virtual_pins
from controller.errors import InstallerError
from tests.waiting import until

PIN = 27


def believed(pulse_ms: int, late: list[int]) -> list[bool]:
    """What is reported of one pulse, sampled every 25 ms and each time a little late."""
    debounce, ms, reported = Debounce(False), 0.0, []
    for delay in late:
        ms += SAMPLE_S * 1000 + delay
        if debounce.sample(200 <= ms < 200 + pulse_ms, ms):
            reported.append(debounce.level)
    return reported


latenesses = st.lists(st.integers(0, 90), min_size=60, max_size=60)


@given(st.integers(0, HOLD_MS - 1), latenesses)
def test_pulse_under_50_ms_ignored(pulse_ms: int, late: list[int]) -> None:
    assert believed(pulse_ms, late) == []


@given(st.integers(400, 600), latenesses)
def test_pulse_of_400_ms_reported_once_on_and_once_off_on_a_busy_machine(
    pulse_ms: int, late: list[int]
) -> None:
    assert believed(pulse_ms, late) == [True, False]


def test_level_believed_after_50_ms_and_not_before() -> None:
    debounce = Debounce(False)
    assert not debounce.sample(True, 0)
    assert not debounce.sample(True, 49)
    assert debounce.sample(True, 50)
    assert debounce.level is True


def test_bouncing_contact_reported_once_it_has_settled() -> None:
    debounce, reported = Debounce(False), []
    levels = [True, False, True, False, False, True, True, True, True]
    for step, level in enumerate(levels):
        if debounce.sample(level, step * 25.0):
            reported.append(step * 25)
    assert reported == [175]


@pytest.fixture
def reported() -> "queue.SimpleQueue[bool]":
    return queue.SimpleQueue()


def test_button_pressed_and_let_go_reported(reported: "queue.SimpleQueue[bool]") -> None:
    factory = virtual_pins()
    contact = GpioContact(PIN, factory, reported.put)
    pin = factory.pin(PIN)
    assert not contact.is_active
    pin.ground(True)
    assert reported.get(timeout=60) is True
    assert contact.is_active
    pin.ground(False)
    assert reported.get(timeout=60) is False
    contact.close()


def test_door_contact_with_a_cut_wire_shows_an_open_door(reported: "queue.SimpleQueue[bool]") -> None:
    factory = virtual_pins()
    factory.pin(PIN).ground(True)
    contact = GpioContact(PIN, factory, reported.put, active_high=True)
    assert not contact.is_active
    factory.pin(PIN).ground(False)
    assert reported.get(timeout=60) is True
    contact.close()


@pytest.mark.parametrize(("grounded", "active_high"), [(True, False), (False, True)])
def test_state_found_at_the_start_is_known_and_not_reported_as_a_change(
    reported: "queue.SimpleQueue[bool]", grounded: bool, active_high: bool
) -> None:
    """A fire at the start shows in `is_active`; the door reads it when it starts."""
    samples: list[int] = []

    def monotonic() -> float:
        """Every sample comes a second after the one before, so nothing is a bounce."""
        samples.append(0)
        return float(len(samples))

    factory = virtual_pins()
    factory.pin(PIN).ground(grounded)
    contact = GpioContact(PIN, factory, reported.put, active_high=active_high, monotonic=monotonic)
    assert contact.is_active
    until(lambda: len(samples) > 3)
    contact.close()
    assert reported.empty()


def test_close_ends_the_thread_and_gives_the_pin_back(reported: "queue.SimpleQueue[bool]") -> None:
    factory = virtual_pins()
    GpioContact(PIN, factory, reported.put).close()
    assert f"contact-{PIN}" not in {thread.name for thread in threading.enumerate()}
    GpioContact(PIN, factory, reported.put).close()


def test_pin_used_twice_refused_in_one_sentence(reported: "queue.SimpleQueue[bool]") -> None:
    factory = virtual_pins()
    contact = GpioContact(PIN, factory, reported.put)
    with pytest.raises(InstallerError, match=r"Pin 27 cannot be an input .*another pin\."):
        GpioContact(PIN, factory, reported.put)
    contact.close()
