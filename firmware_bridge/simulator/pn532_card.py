"""A virtual card held to a virtual PN532: the same card as for the UDP reader, in another field.

It reaches the field over a Unix socket beside the reader's port, one packet for each frame.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from firmware_bridge.simulator.air import from_datagram, to_datagram
from firmware_bridge.simulator.card import AWAY_SECONDS, LATE_POLL_SECONDS, PATIENCE_SECONDS
from firmware_bridge.simulator.faces import Face
from firmware_bridge.simulator.pn532_files import socket_path

MAX_FRAME = 1024
POWER_UP = b"RFON"  # the field comes on
SILENCE = b"-"  # the card received it and does not answer
_RETRY = threading.Event()  # never set


class CardAtPn532:
    """As `VirtualCard`; several may lie in one field."""

    def __init__(
        self,
        folder: Path,
        name: str,
        face: Face,
        away_seconds: float = AWAY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._name, self.face = folder, name, face
        self._away_seconds, self._monotonic = away_seconds, monotonic

    def present(self, hold_seconds: float = 0.5, patience: float = PATIENCE_SECONDS) -> bool:
        """As `VirtualCard.present`."""
        give_up = self._monotonic() + patience
        field = self._enter(give_up)
        if field is None:
            return False
        with field:
            contact: float | None = None
            until = give_up
            while (wait := until - self._monotonic()) > 0 and self._answer(field, wait, self.face):
                if contact is None and self.face.was_read:
                    contact = self._monotonic()
                    until = contact + hold_seconds
            if contact is not None:
                self._stay_away(field)
        return contact is not None

    def _enter(self, give_up: float) -> socket.socket | None:
        while True:
            field = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                with socket_path(self._folder, self._name) as path:
                    field.connect(path)
                return field
            except OSError:
                field.close()
                if self._monotonic() >= give_up:
                    return None
                _RETRY.wait(0.02)

    def _answer(self, field: socket.socket, wait: float, face: Face | None) -> bool:
        """Return False if no command came in time, or if the reader ended the exchange."""
        if not select.select([field], [], [], wait)[0]:
            return False
        with contextlib.suppress(OSError):
            request = field.recv(MAX_FRAME)
            if request == POWER_UP:
                self.face.power_up()
            frame = from_datagram(request)
            answer = None if frame is None or face is None else face.answer(*frame)
            field.send(SILENCE if answer is None else to_datagram(*answer))
            return bool(request)
        return False

    def _stay_away(self, field: socket.socket) -> None:
        """Stay silent until the reader has polled without an answer for long enough, by its own way of
        counting.
        """
        unseen, last = 0.0, self._monotonic()
        give_up = last + 3 * self._away_seconds
        while unseen < self._away_seconds and (wait := give_up - self._monotonic()) > 0:
            if not self._answer(field, wait, None):
                return
            now = self._monotonic()
            unseen += min(now - last, LATE_POLL_SECONDS)
            last = now
