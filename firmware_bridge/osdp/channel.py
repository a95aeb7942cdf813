"""A filter between libosdp and the line, one for each reader; it also answers for a silent reader.

The library (3.2.9) alone would accept too much, with secure channel enforced or not:
* inside a session it accepts a frame whose security block names the handshake (0x11 to 0x14): without a MAC,
  and presents the card in it;
* it keeps a card sent in the clear during the handshake, and presents it once the session is up;
* it pauses for 300 s after one damaged frame, and holds the line for 200 ms for a reader that is not there.

So only frames that fit the command in progress pass. The channel drops the rest, which looks like silence.
"""

from collections.abc import Callable
from typing import TypeVar

from firmware_bridge.osdp import frames
from firmware_bridge.osdp.frames import Frame
from firmware_bridge.osdp.wire import Wire

T = TypeVar("T")
CHANNEL_ID = 1  # with 0 the library would confuse two readers of one line
_HANDSHAKE = {
    (frames.ID, None, frames.ID_REPORT),
    (frames.CAPABILITIES, None, frames.CAPABILITIES_REPORT),
    (frames.CHALLENGE, 0x12, frames.CLIENT_CRYPTOGRAM),
    (frames.CRYPTOGRAM, 0x14, frames.INITIAL_MAC),
}
_SEALED = (0x16, 0x18)


# Seconds for the first byte of an answer. A reader has 200 ms by the standard; most take less than 3.
PROBE, SLOW, QUICK = 0.08, 0.185, 0.045
GAP = 0.025  # after so long without a byte, what came is complete, and damaged
BUDGET = 0.19  # from the first sending to our last answer; at 200 ms libosdp would pause for 800 ms
_TRIES = 3
_THINKS = (frames.CHALLENGE, frames.CRYPTOGRAM, frames.KEY_SET)
_ALIVE_SECONDS = 2.0


class ReaderChannel:
    """What libosdp calls `channel`: read, write, flush. None of them may raise, or its refresh does.

    The channel sends an unanswered command again, the same bytes, while the library still waits: by the
    standard a reader then repeats its reply. After the last attempt the library gets a refusal. `is_secure`
    returns whether the session under this reader's own key is up.
    """

    def __init__(
        self, wire: Wire, address: int, is_secure: Callable[[], bool], monotonic: Callable[[], float]
    ) -> None:
        self.id = CHANNEL_ID
        self._wire, self._address = wire, address
        self._is_secure, self._monotonic = is_secure, monotonic
        self.installing = False
        self.awaiting: Frame | None = None  # the command in progress
        self.command: Frame | None = None  # the last command, and its reply
        self.reply: Frame | None = None
        self.answered_at = self._stirred_at = -_ALIVE_SECONDS
        self.answers = self.silences = self.dropped = 0
        self.garbled = False  # the answer to the last command was not a frame
        self.foreign: int | None = None  # another address that answered last instead of this one
        self.broken: Exception | None = None
        self._slowest = 0.0
        self._second_tries = 0
        self._bytes = self._rest = b""
        self._full = False
        self._sent_at = 0.0  # when the last byte was on the line
        self._patience = PROBE
        self._tries_left = 0
        self._over_at = 0.0

    # --- called by libosdp, inside refresh() ---

    def read(self, size: int) -> bytes:
        """Return one whole frame or nothing. The library reads again after `size` bytes: then there is no
        more.
        """
        if not self._rest:
            if self._full:
                self._full = False
                return b""
            self._rest = self._guarded(self._answer, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._full = len(piece) == size
        return piece

    def write(self, data: bytes) -> int:
        self.command = self.awaiting = frames.parse(data[1:] if data[:1] == b"\xff" else data)
        self.reply = None
        self.garbled = False
        self._bytes = data
        self._tries_left, self._over_at = _TRIES, self._monotonic() + BUDGET
        self._patience = self._patience_for(self.command)
        return self._guarded(self._send, -1)

    def flush(self) -> None:
        self._rest, self._full = b"", False
        self._guarded(self._wire.flush, None)

    # --- ours ---

    @property
    def is_alive(self) -> bool:
        """The reader answered a moment ago."""
        return self._monotonic() - self.answered_at < _ALIVE_SECONDS

    @property
    def is_there(self) -> bool:
        """The reader answered a moment ago, or noise came in place of its answer: a line full of noise.
        Single breaks and marks do not count; any line may have them when the direction turns.
        """
        return self._monotonic() - max(self.answered_at, self._stirred_at) < _ALIVE_SECONDS

    @property
    def give_up_at(self) -> float | None:
        """When waiting for the answer ends; None if no answer is due."""
        if self.awaiting is None:
            return None
        heard = self._wire.heard_at
        return min(self._over_at, self._sent_at + self._patience if heard is None else heard + GAP)

    def _guarded(self, work: Callable[[], T], otherwise: T) -> T:
        try:
            return work()
        except Exception as error:
            self.broken = error
            return otherwise

    def _send(self) -> int:
        self._tries_left -= 1
        self._wire.heard_at = None
        self._sent_at = self._monotonic() + self._wire.seconds_for(len(self._bytes))
        return self._wire.send(self._bytes)

    def _patience_for(self, command: Frame | None) -> float:
        if not self.is_alive:  # probably no reader there: the others on the line wait meanwhile
            self.silences += 1
            return SLOW if self.silences % 16 == 0 else PROBE
        if self._slowest > QUICK / 2 or (command is not None and command.id in _THINKS):
            return SLOW
        return QUICK

    def _answer(self) -> bytes:
        command = self.awaiting
        if command is None:
            return b""
        while (frame := self._wire.next_frame()) is not None:
            if self._may_pass(frame, command):
                now = self._monotonic()
                self._learn(command, now - self._sent_at - self._wire.seconds_for(len(frame.raw)))
                self.reply, self.awaiting, self.answered_at = frame, None, now
                self.answers += 1
                self.foreign = None
                return frame.raw
            self.dropped += 1
            if frame.is_reply and frame.address != self._address:
                self.foreign = frame.address
            if not frame.is_reply:  # the echo of our command, which some adapters return
                self._wire.heard_at = None
        give_up = self.give_up_at
        if give_up is None or (now := self._monotonic()) < give_up:
            return b""
        if self._wire.is_garbled:
            self._stirred_at, self.garbled = now, True
        hopeful = self.is_alive or not self._wire.is_silent
        if self._tries_left and hopeful and now < self._over_at:
            self._wire.flush()
            self._send()
            return b""
        self.awaiting = None
        return frames.refusal(self._address, command.sequence)

    def _learn(self, command: Frame, seconds: float) -> None:
        """Learn how long this reader takes to answer.

        An answer to a second sending gives no time, unless every command needs one: then the reader is slow
        rather than the line bad. It gets enough time once, which shows how long it takes.
        """
        if command.id in _THINKS:
            return
        if self._tries_left == _TRIES - 1:
            self._slowest = seconds if self._second_tries >= _TRIES else max(0.99 * self._slowest, seconds)
            self._second_tries = 0
            return
        self._second_tries += 1
        if self._second_tries >= _TRIES:
            self._slowest = SLOW

    def _may_pass(self, reply: Frame, command: Frame) -> bool:
        if not reply.is_reply or reply.address != self._address:
            return False
        if reply.id == frames.BUSY and reply.security is None:
            return reply.sequence in (0, command.sequence)
        if reply.sequence != command.sequence:
            return False
        if reply.id == frames.NAK and reply.security is None:
            return True
        if (command.id, reply.security, reply.id) in _HANDSHAKE:
            return not self._is_secure()
        if command.id == frames.KEY_SET and self.installing and reply.id in (frames.ACK, frames.NAK):
            return reply.security in (None, *_SEALED)
        return reply.security in _SEALED and self._is_secure()
