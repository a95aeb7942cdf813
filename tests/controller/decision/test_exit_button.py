"""The exit button by itself; with door and lock it is met in test_door_machine.py."""

from controller.decision.exit_button import (
    HOUR_MS,
    REX_HELD,
    REX_SHUNT_MS,
    REX_STUCK_MS,
    REX_UNUSED,
    ExitButton,
)
from controller.model.actions import RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType

RECORDED = [RecordDoorEvent("d", EventType.REX_WITHOUT_OPENING)]


def in_vain(button: ExitButton, at_ms: int) -> list[object]:
    button.pressed(at_ms, is_open=False)
    button.ended(at_ms + 100)
    return list(button.unused(at_ms + 100 + REX_SHUNT_MS))


def test_press_explains_openings_until_ten_seconds_after_it_ends() -> None:
    button = ExitButton("d", 5)
    button.pressed(0, is_open=False)
    button.ended(2000)
    assert button.shunts(2000 + REX_SHUNT_MS - 1) and not button.shunts(2000 + REX_SHUNT_MS)


def test_stuck_button_explains_nothing_and_is_not_a_request_in_vain() -> None:
    button = ExitButton("d", 1)
    for start in (0, 100_000, 200_000):
        button.pressed(start, is_open=False)
        assert button.expired(start + REX_STUCK_MS) == [RecordDoorEvent("d", EventType.REX_STUCK)]
        assert not button.shunts(start + REX_STUCK_MS)
        assert button.unused(start + REX_STUCK_MS) == []
        button.ended(start + 50_000)


def test_request_counts_as_unused_once_its_time_is_over_and_not_while_it_is_held() -> None:
    button = ExitButton("d", 1)
    assert button.pressed(0, is_open=False)[1:] == [
        StartTimer("d", REX_UNUSED, REX_SHUNT_MS),
        StartTimer("d", REX_HELD, REX_STUCK_MS),
    ]
    assert button.unused(REX_SHUNT_MS) == [StartTimer("d", REX_UNUSED, 2 * REX_SHUNT_MS)]
    button.ended(15_000)
    assert button.unused(2 * REX_SHUNT_MS) == [StartTimer("d", REX_UNUSED, 15_000 + REX_SHUNT_MS)]
    assert button.unused(30_000) == []
    assert in_vain(button, 60_000) == RECORDED


def test_opening_answers_the_request() -> None:
    button = ExitButton("d", 1)
    for start in range(0, 600_000, 60_000):
        button.pressed(start, is_open=False)
        assert button.opened() == [StopTimer("d", REX_UNUSED)]
        assert button.opened() == [] and button.unused(start + 50_000) == []
        button.ended(start + 100)


def test_only_those_of_the_last_hour_count_and_what_was_reported_counts_no_more() -> None:
    button = ExitButton("d", 1)
    assert in_vain(button, 0) == [] and in_vain(button, HOUR_MS) == []
    assert in_vain(button, HOUR_MS + 60_000) == RECORDED
    assert in_vain(button, HOUR_MS + 120_000) == []


def test_zero_switches_it_off() -> None:
    button = ExitButton("d", 0)
    for start in range(0, 6_000_000, 60_000):
        assert in_vain(button, start) == []
