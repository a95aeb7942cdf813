"""Turns the bytes of a bridge into messages, and judges its heartbeat. Pure: time is an argument."""

from collections.abc import Iterator

from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import BadMessage, BridgeHeartbeat, FromBridge, decode_from_bridge

SILENT_SECONDS = 2.7  # a silent bridge must be killed within 3 s; our thread needs some of that to wake up
STARTING_SECONDS = 30.0  # until the first heartbeat: a small or busy machine imports for many seconds


class MessageStream:
    """All that one run of a bridge sends, from its start at `now`."""

    def __init__(self, now: float) -> None:
        self._lines = LineBuffer()
        self._invalid = 0
        self._deadline = now + STARTING_SECONDS

    @property
    def bad_lines(self) -> int:
        """Lines that are not messages, or too long, since the start."""
        return self._invalid + self._lines.dropped

    def seconds_left(self, now: float) -> float:
        """The time in which the next heartbeat must come; 0 if it is overdue."""
        return max(0.0, self._deadline - now)

    def feed(self, data: bytes, now: float) -> Iterator[FromBridge]:
        """Yield the messages that `data`, read at `now`, completes. Only a heartbeat moves the deadline."""
        for line in self._lines.feed(data):
            try:
                message = decode_from_bridge(line)
            except BadMessage:
                self._invalid += 1
                continue
            if isinstance(message, BridgeHeartbeat):
                self._deadline = now + SILENT_SECONDS
            yield message
