"""Events of a reader, as libosdp delivers them, become messages."""

import time
from typing import Any

import osdp_sys
import pytest

from firmware_bridge.messages import CardFound, CardRead, CardRejected, ConditionChanged, PinKeyed
from firmware_bridge.osdp import frames
from firmware_bridge.osdp.channel import ReaderChannel
from firmware_bridge.osdp.frames import parse, refusal
from firmware_bridge.osdp.link import SILENT, Link
from firmware_bridge.osdp.panel import PanelEvent
from firmware_bridge.osdp.reader import ANSWER_MS, STALE_MS, LineReader
from firmware_bridge.problems import Problem, ProblemCode

CARD = {"format": 1, "length": 26, "data": bytes.fromhex("12345640"), "reader_no": 0, "direction": 0}


@pytest.fixture
def reader() -> LineReader:
    channel = ReaderChannel(None, 0, lambda: True, time.monotonic)  # type: ignore[arg-type]
    line_reader = LineReader("a", 0, channel, Link("a", 0))
    line_reader.link.came_up()
    return line_reader


def event(kind: int, values: dict[str, Any], secure: bool = True) -> PanelEvent:
    return PanelEvent(0, kind, values, secure)


def test_card_is_found_once_and_presented_when_the_door_answers(reader: LineReader) -> None:
    card = event(osdp_sys.EVENT_CARDREAD, CARD)
    assert reader.handle_event(card, 1000) == [CardFound(1, "wiegand", "1A0048D159", "a")]
    assert reader.handle_event(card, 1300) == []
    assert reader.answer(1, 1200) == CardRead(1, "wiegand", "1A0048D159", 0, "a")
    assert reader.answer(1, 1200) is None


def test_answer_that_comes_late_presents_nobody(reader: LineReader) -> None:
    reader.handle_event(event(osdp_sys.EVENT_CARDREAD, CARD), 1000)
    assert reader.answer(1, 1001 + ANSWER_MS) is None


def test_event_outside_a_session_of_its_key_is_nothing(reader: LineReader) -> None:
    assert reader.handle_event(event(osdp_sys.EVENT_CARDREAD, CARD, secure=False), 1000) == []
    assert (
        reader.handle_event(event(osdp_sys.EVENT_STATUS, {"type": 0, "report": b"\1\0"}, secure=False), 1)
        == []
    )


def test_card_kept_while_nobody_asked_is_shown_refused(reader: LineReader) -> None:
    reader.came_up(STALE_MS * 5)
    assert (
        reader.handle_event(event(osdp_sys.EVENT_CARDREAD, CARD), STALE_MS * 5) == [] and reader.refuse_shown
    )
    reader.channel.command = parse(refusal(0, 1))
    reader.answered(STALE_MS * 5 + 50)
    assert reader.link.is_stale  # that did not answer a poll
    body = bytes([0x53, 0, 8, 0, 5, frames.POLL])
    reader.channel.command = parse(body + frames._check(body, 2))
    ack = bytes([0x53, 0x80, 8, 0, 5, frames.ACK])
    reader.channel.reply = parse(ack + frames._check(ack, 2))
    reader.answered(STALE_MS * 5 + 100)
    assert not reader.link.is_stale
    assert len(reader.handle_event(event(osdp_sys.EVENT_CARDREAD, CARD), STALE_MS * 6)) == 1


def test_short_gap_keeps_the_card(reader: LineReader) -> None:
    reader.came_up(10_000)
    reader.link.is_stale = False
    reader.answered(10_000)
    reader.came_up(10_000 + STALE_MS - 1)
    assert not reader.link.is_stale


def test_unreadable_card_is_reported_once_because_it_may_be_somebody_leaving(reader: LineReader) -> None:
    odd = event(osdp_sys.EVENT_CARDREAD, CARD | {"length": 8, "data": b"x"})
    assert reader.handle_event(odd, 1) == [CardRejected(1, "card_unreadable", "", "a")]
    assert reader.handle_event(odd, 300) == []


def test_state_is_reported_when_it_changes(reader: LineReader) -> None:
    def status(tamper: int, power: int) -> PanelEvent:
        report = bytes([tamper, power])
        return event(osdp_sys.EVENT_STATUS, {"type": osdp_sys.STATUS_REPORT_LOCAL, "report": report})

    assert reader.handle_event(status(0, 0), 1) == [
        ConditionChanged("tamper", False, "a"),
        ConditionChanged("power", False, "a"),
    ]
    assert reader.handle_event(status(0, 0), 2) == []
    assert reader.handle_event(status(1, 0), 3) == [ConditionChanged("tamper", True, "a")]
    assert reader.handle_event(status(1, 1), 4) == [ConditionChanged("power", True, "a")]


@pytest.mark.parametrize(
    "values",
    [{}, {"type": 0}, {"type": 0, "report": 7}, {"type": 1, "report": b"\1"}, {"type": 0, "report": b""}],
)
def test_odd_state_says_nothing(reader: LineReader, values: dict[str, Any]) -> None:
    assert reader.handle_event(event(osdp_sys.EVENT_STATUS, values), 1) == []


def test_keys_are_reported_once_they_are_sent_off(reader: LineReader) -> None:
    assert reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {"data": b"20"}), 1) == []
    assert reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {"data": b"48\r"}), 2) == [
        PinKeyed("2048", "a")
    ]
    assert reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {"data": b"48\r"}, secure=False), 3) == []
    assert reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {}), 3) == []


def test_keys_pressed_while_nobody_asked_are_nothing(reader: LineReader) -> None:
    reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {"data": b"20"}), 1)
    reader.came_up(STALE_MS * 5)
    assert reader.handle_event(event(osdp_sys.EVENT_KEYPRESS, {"data": b"48\r"}), STALE_MS * 5) == []


@pytest.mark.parametrize("command", [frames.ID, frames.POLL])
@pytest.mark.parametrize(
    ("installing", "code"),
    [(True, ProblemCode.OSDP_KEY_REFUSED), (False, ProblemCode.OSDP_UNEXPECTED_ANSWER)],
)
def test_reader_that_refuses_plain_words_in_its_window_is_not_in_install_mode(
    reader: LineReader, command: int, installing: bool, code: ProblemCode
) -> None:
    reader.link.went_down(SILENT, 0)
    reader.channel.installing = installing
    reader.channel.command = frames.Frame(b"", 0, False, 1, None, command)
    reader.channel.reply = frames.Frame(b"", 0, True, 1, None, frames.NAK)
    assert reader.why_down(False) == Problem(code)
