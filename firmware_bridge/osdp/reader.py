"""One reader of the line: turns its events into messages to the door."""

from dataclasses import dataclass
from typing import Any

import osdp_sys

from firmware_bridge.messages import (
    CardFound,
    CardRead,
    CardRejected,
    ConditionChanged,
    FromBridge,
    PinKeyed,
)
from firmware_bridge.osdp import card, frames
from firmware_bridge.osdp.channel import ReaderChannel
from firmware_bridge.osdp.keypad import Keypad
from firmware_bridge.osdp.link import NOISE, SILENT, Link
from firmware_bridge.osdp.panel import PanelEvent
from firmware_bridge.osdp.relay import Relay
from firmware_bridge.problems import Problem, ProblemCode

ANSWER_MS = 500  # a later answer of the door would open for a person who has left
STALE_MS = 2000
_CONDITIONS = ("tamper", "power")
WRONG_KEY = Problem(ProblemCode.OSDP_KEY_REFUSED)


@dataclass(slots=True)
class _Awaited:
    number: str
    found_ms: int


class LineReader:
    """`handle_event` returns messages for the door; `link` knows whether the reader is up. Time is an
    argument."""

    def __init__(self, name: str, address: int, channel: ReaderChannel, link: Link) -> None:
        self.name, self.address, self.channel, self.link = name, address, channel, link
        self.unwanted: set[int] = set()  # commands it has refused once; each refusal ends the session
        self.refuse_shown = False  # a card was dropped: show a refusal
        self.relay = Relay()
        self._reads = card.Reads()
        self._keypad = Keypad()
        self._awaited: dict[int, _Awaited] = {}
        self._count = 0
        self._conditions: dict[str, bool] = {}
        self._last_good_ms = -STALE_MS

    def moved_to(self, channel: ReaderChannel) -> "LineReader":
        """The same reader on another control panel."""
        self.channel = channel
        return self

    def handle_event(self, event: PanelEvent, now_ms: int) -> list[FromBridge]:
        """Handle only what came inside a session under the reader's own key."""
        if not event.secure:
            return []
        if event.type == osdp_sys.EVENT_CARDREAD:
            return self._card(event.values, now_ms)
        if event.type == osdp_sys.EVENT_STATUS:
            return self._status(event.values)
        if event.type == osdp_sys.EVENT_KEYPRESS:
            return self._keys(event.values.get("data"), now_ms)
        return []

    def came_up(self, now_ms: int) -> None:
        """A card that the reader stored while it was not polled may be gone: it is not presented."""
        self.link.came_up()
        self.relay.came_up()
        self._keypad.clear()
        self.link.is_stale = now_ms - self._last_good_ms >= STALE_MS
        self._last_good_ms = now_ms

    def answered(self, now_ms: int) -> None:
        """Called in each round in which the reader is up and answered. An empty answer means that it stored
        nothing.
        """
        self._last_good_ms = now_ms
        command, reply = self.channel.command, self.channel.reply
        if command is not None and reply is not None and (command.id, reply.id) == (frames.POLL, frames.ACK):
            self.link.is_stale = False

    def answer(self, presentation: int, now_ms: int) -> CardRead | None:
        """The door wants the number only; None if its answer came too late."""
        awaited = self._awaited.pop(presentation, None)
        if awaited is None or now_ms - awaited.found_ms > ANSWER_MS:
            return None
        return CardRead(
            presentation=presentation, kind=card.KIND, number=awaited.number, assurance=0, reader=self.name
        )

    def condition(self, condition: str, active: bool) -> list[FromBridge]:
        """Return the message about `condition` if it changed."""
        if self._conditions.get(condition, False) is active:
            return []
        self._conditions[condition] = active
        return [ConditionChanged(condition, active, self.name)]

    def why_down(self, noise: bool) -> Problem | None:
        """Return why the session ended or did not start; None for a message without a valid MAC."""
        command, reply, was_up = self.channel.command, self.channel.reply, self.link.is_up
        if command is None or reply is None:
            if self.channel.foreign is not None:
                addresses = {"address": self.address, "found_address": self.channel.foreign}
                return Problem(ProblemCode.OSDP_WRONG_ADDRESS, addresses)
            return NOISE if noise else SILENT
        if reply.id == frames.NAK and was_up:
            if command.id != frames.POLL:
                self.unwanted.add(command.id)
            return Problem(ProblemCode.OSDP_SESSION_ENDED)
        if command.id in (frames.CHALLENGE, frames.CRYPTOGRAM, frames.KEY_SET):
            return WRONG_KEY
        if command.id == frames.CAPABILITIES:
            return Problem(ProblemCode.OSDP_NO_ENCRYPTION)
        if was_up and reply.security is not None:
            return None
        if reply.id == frames.NAK and self.channel.installing:
            return WRONG_KEY  # it refuses unencrypted commands: it has its own key and is not in install mode
        return Problem(ProblemCode.OSDP_UNEXPECTED_ANSWER)

    def _card(self, values: Any, now_ms: int) -> list[FromBridge]:
        if self.link.is_stale:
            self.refuse_shown = True
            return []
        number = card.number_of(values)
        if not self._reads.is_new(number or f"? {values.get('data')!r}", now_ms):
            return []
        if number is None:  # reported, because a card of any kind lets people out
            self._count += 1
            return [CardRejected(self._count, "card_unreadable", "", self.name)]
        self._awaited = {n: a for n, a in self._awaited.items() if now_ms - a.found_ms <= ANSWER_MS}
        self._count += 1
        self._awaited[self._count] = _Awaited(number, now_ms)
        return [CardFound(self._count, card.KIND, number, self.name)]

    def _keys(self, data: object, now_ms: int) -> list[FromBridge]:
        if self.link.is_stale or not isinstance(data, bytes):
            return []
        return [PinKeyed(digits, self.name) for digits in self._keypad.press(data, now_ms)]

    def _status(self, values: Any) -> list[FromBridge]:
        report = values.get("report")
        if values.get("type") != osdp_sys.STATUS_REPORT_LOCAL or not isinstance(report, bytes):
            return []
        changed: list[FromBridge] = []
        for condition, byte in zip(_CONDITIONS, report, strict=False):
            if self._conditions.get(condition) is not (active := byte != 0):
                self._conditions[condition] = active
                changed.append(ConditionChanged(condition, active, self.name))
        return changed
