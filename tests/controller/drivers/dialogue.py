"""A dialogue between a bridge and the session of its reader, in process and on a stepped clock."""

import math
from collections.abc import Callable

from controller.drivers.reader_session import Heard, ReaderSession
from controller.model.card_keys import FoundKey
from controller.model.credentials import CardNumber
from controller.model.signals import ReaderOffline, ReaderSignal
from firmware_bridge.messages import FromBridge, ToBridge, decode_from_bridge, decode_to_bridge, encode
from firmware_bridge.problems import Problem

READER = "entrance-in"


class Dialogue:
    """Every message goes over the wire format. `not_due` counts the messages that the session rejects."""

    def __init__(
        self,
        find_key: Callable[[CardNumber], FoundKey] | None = None,
        address: str = "",
        returns: float = math.inf,
    ) -> None:
        self.session = ReaderSession(READER, address, find_key, returns)
        self.now = 0.0
        self.signals: list[ReaderSignal] = []
        self.replies: list[ToBridge] = []
        self.not_due = 0
        self.start_bridge()

    def hear(self, *messages: FromBridge) -> None:
        for message in messages:
            self._note(self.session.hear(decode_from_bridge(encode(message)), self.now))

    def start_bridge(self) -> None:
        self._note(self.session.bridge_started())

    def end_bridge(self, problem: Problem) -> None:
        self._note(self.session.bridge_ended(problem, self.now))

    def tick(self, seconds: float = 0.0) -> None:
        """A heartbeat after this time."""
        self.now += seconds
        self._note(self.session.tick(self.now))

    @property
    def problems(self) -> list[str]:
        """The problems of the reader's reports, each with its fields."""
        return [
            " ".join([signal.problem, *map(str, signal.fields.values())])
            for signal in self.signals
            if isinstance(signal, ReaderOffline)
        ]

    def _note(self, heard: Heard) -> None:
        self.signals += heard.signals
        self.replies += [decode_to_bridge(encode(reply)) for reply in heard.replies]
        self.not_due += not heard.is_due
