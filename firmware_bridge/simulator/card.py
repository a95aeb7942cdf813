"""A virtual card that a person holds to a virtual reader: it answers nfcpy over nfcpy's own UDP device.

`python -m firmware_bridge.simulator.card --address 127.0.0.1:54321 --idm 0101031284C0FFEE`
"""

import argparse
import errno
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from firmware_bridge.simulator.air import address, from_datagram, to_datagram
from firmware_bridge.simulator.faces import Face, FelicaFace, TypeAFace

AWAY_SECONDS = 0.6
PATIENCE_SECONDS = 5.0
LATE_POLL_SECONDS = 0.25  # a reader counts at most so much between two polls; see nfc/presentation.py
_RETRY = threading.Event()  # never set


class VirtualCard:
    """One card. Only one card fits on a reader: another waits until it has left."""

    def __init__(
        self,
        reader: tuple[str, int],
        face: Face,
        away_seconds: float = AWAY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reader, self.face, self.away_seconds, self._monotonic = reader, face, away_seconds, monotonic
        self._leaving = threading.Event()

    def present(self, hold_seconds: float = 0.5, patience: float = PATIENCE_SECONDS) -> bool:
        """Hold the card there for `hold_seconds` from first contact; return True if a reader has read it.

        A card whose answer comes too late for the reader stays for the next poll.

        Gives up if no reader has read it within `patience`. Returns after the reader has had time to see that
        the card is gone, so that the next tap is a presentation of its own.
        """
        self._leaving.clear()
        give_up = self._monotonic() + patience
        field = self._enter(give_up)
        if field is None:
            return False
        self.face.power_up()
        with field:
            contact: float | None = None
            until = give_up
            while (wait := until - self._monotonic()) > 0 and select.select([field], [], [], wait)[0]:
                if self._leaving.is_set():
                    break
                in_time = self._answer(field)
                if contact is None and in_time and self.face.was_read:
                    contact = self._monotonic()
                    until = contact + hold_seconds
            if contact is not None:
                self._stay_away(field)
        return contact is not None

    def leave(self) -> None:
        """Called from another thread: take the card away, at the reader's next poll."""
        self._leaving.set()

    def _enter(self, give_up: float) -> socket.socket | None:
        while True:
            field = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                field.bind(self.reader)
                return field
            except OSError as error:
                field.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                if self._monotonic() >= give_up:
                    return None
                _RETRY.wait(0.02)

    def _answer(self, field: socket.socket) -> bool:
        """Answer one command; return whether the answer is in time.

        A reader that has already sent its next command no longer waits for this answer: it waits 50 ms, and
        on a busy machine this process may be later. An answer just before the next command may be too late
        unnoticed, so only a card that stays for several polls is certain to be read.
        """
        datagram, reader = field.recvfrom(1024)
        answers = self.answers(datagram)
        is_late = bool(select.select([field], [], [], 0)[0])
        for answer in answers:
            field.sendto(answer, reader)
        return bool(answers) and not is_late

    def answers(self, datagram: bytes) -> list[bytes]:
        """The card's answers; a hostile card sends what it likes."""
        frame = from_datagram(datagram)
        answer = self.face.answer(*frame) if frame else None
        return [] if answer is None else [to_datagram(*answer)]

    def _stay_away(self, field: socket.socket) -> None:
        """Stay silent until the reader has polled without an answer for long enough, by its own way of
        counting.

        Counted from its first unanswered poll: a busy reader may hear our last answer long after we sent it.
        """
        unseen, last = 0.0, None
        give_up = self._monotonic() + 10 * self.away_seconds
        while unseen < self.away_seconds and (wait := give_up - self._monotonic()) > 0:
            if select.select([field], [], [], wait)[0]:
                field.recvfrom(1024)
                now = self._monotonic()
                if last is not None:
                    unseen += min(now - last, LATE_POLL_SECONDS)
                last = now


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="firmware_bridge.simulator.card", description=__doc__)
    parser.add_argument("--address", required=True, help="HOST:PORT of the virtual reader")
    number = parser.add_mutually_exclusive_group(required=True)
    number.add_argument("--idm", help="a FeliCa card: 16 hexadecimal digits")
    number.add_argument("--uid", help="a Type A card: 8, 14 or 20 hexadecimal digits")
    number.add_argument("--card", type=Path, metavar="FILE", help="a FeliCa Lite-S card kept in a file")
    parser.add_argument("--hold", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, metavar="SECONDS")
    values = parser.parse_args(arguments)
    try:
        reader = address(values.address)
        face = _face(values)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if VirtualCard(reader, face).present(values.hold, values.patience):
        return 0
    print(f"No reader at {values.address} has read the card; is it running and plugged in?", file=sys.stderr)  # noqa: T201
    return 1


def _face(values: argparse.Namespace) -> Face:
    if values.card is not None:
        from firmware_bridge.simulator.card_file import card_of

        return card_of(values.card)
    return FelicaFace(values.idm) if values.idm is not None else TypeAFace(values.uid)


if __name__ == "__main__":
    sys.exit(main())
