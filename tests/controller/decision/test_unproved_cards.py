"""When a card that did not prove its key is an alarm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.decision.unproved_cards import LEFT_TIMES, WITHIN_MS, UnprovedCards
from controller.model.access import AccessRequest
from controller.model.credentials import Assurance
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.unproved import Unproved
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import taps, who

LEFT = taps(unproved=Unproved.LEFT)
COPY = EventType.BADGE_NOT_PROVED


def after(ms: int) -> Moment:
    return replace(NOON, utc=NOON.utc + timedelta(milliseconds=ms), mono_ms=NOON.mono_ms + ms)


def alarms(requests: list[tuple[AccessRequest, int]]) -> list[EventType | None]:
    cards = UnprovedCards()
    actions = []
    for request, ms in requests:
        cards.tapped(request)
        actions.append(cards.alarm(request, after(ms)))
    return actions


@pytest.mark.parametrize("how", [Unproved.WRONG, Unproved.SILENT, Unproved.KEY_UNUSABLE])
def test_card_that_was_there_and_did_not_prove_its_key_is_an_alarm_immediately(how: Unproved) -> None:
    assert alarms([(taps(unproved=how), 0)]) == [COPY]


@pytest.mark.parametrize("how", [None, Unproved.UNASKED, Unproved.UNREAD])
def test_card_that_could_not_be_asked_is_none(how: Unproved | None) -> None:
    assert alarms([(taps(unproved=how), ms) for ms in range(5)]) == [None] * 5


def test_badge_removed_too_early_is_an_alarm_the_third_time_within_ten_minutes_and_from_then_on() -> None:
    times = [0, 1000, WITHIN_MS - 1, WITHIN_MS]
    assert alarms([(LEFT, ms) for ms in times]) == [None, None, COPY, COPY]
    assert LEFT_TIMES == 3


def test_times_further_apart_are_none() -> None:
    assert alarms([(LEFT, i * WITHIN_MS // 2) for i in range(6)]) == [None] * 6


def test_badge_that_proves_its_key_in_between_begins_again_and_its_number_alone_does_not() -> None:
    proved, number = taps(assurance=Assurance.CARD_KEY), taps()
    assert alarms([(LEFT, 0), (LEFT, 1), (proved, 2), (LEFT, 3), (LEFT, 4)]) == [None] * 5
    assert alarms([(LEFT, 0), (LEFT, 1), (number, 2), (LEFT, 3)]) == [None, None, None, COPY]


def test_two_badges_are_not_counted_together() -> None:
    other = taps(who(person="p-other"), unproved=Unproved.LEFT)
    assert alarms([(LEFT, 0), (other, 1), (LEFT, 2), (other, 3)]) == [None] * 4


def test_card_nobody_entered_is_not_an_alarm() -> None:
    assert alarms([(replace(taps(unproved=Unproved.WRONG), record=None), 0)]) == [None]
