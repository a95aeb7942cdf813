"""An attacker on the line: which messages pass the guard between libosdp and other devices."""

import random
import time
from collections.abc import Callable

import pytest

from firmware_bridge.messages import DeviceOffline
from firmware_bridge.osdp import frames, keys
from firmware_bridge.osdp.frames import Frame, parse
from firmware_bridge.osdp.link import FORGED
from firmware_bridge.problems import ProblemCode
from tests.benchmarks.measure import proc_status
from tests.firmware_bridge.osdp.rig import ADDRESS, CARD, NAME, NUMBER, Rig, frame_in
from tests.firmware_bridge.osdp.test_keys import weak_keys

OTHER = (26, (0x11CCCD << 6).to_bytes(4, "big"))
LONG = [pytest.mark.long, pytest.mark.timeout(3600)]


def card_reply(sequence: int, security: int | None, card: tuple[int, bytes] = OTHER) -> bytes:
    """A card as anybody on the line can say it: without a key."""
    bits, data = card
    block = b"" if security is None else bytes([2, security])
    body = block + b"\x50\x00\x01" + bits.to_bytes(2, "little") + data + (b"\0" * 4 if block else b"")
    control = sequence | 0x04 | (0x08 if block else 0)
    head = bytes([0x53, ADDRESS | 0x80, 7 + len(body), 0, control]) + body
    return head + frames._check(head, 2)


class Attacker:
    """Hears each command; `answers` makes of it what is sent instead of the reader's answer, once each."""

    def __init__(self, rig: Rig, answers: Callable[[Frame], bytes | None]) -> None:
        self._answers, self.command, self.struck = answers, None, 0
        rig.to_reader, rig.to_panel = self._hear, self._exchange

    def _hear(self, data: bytes) -> list[bytes]:
        self.command: Frame | None = frame_in(data)
        return [data]

    def _exchange(self, data: bytes) -> list[bytes]:
        forged = None if self.command is None else self._answers(self.command)
        if forged is None:
            return [data]
        self.struck += 1
        return [forged]


@pytest.mark.parametrize("security", [None, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x7F])
def test_card_without_a_seal_in_a_session_is_not_presented(rig: Rig, security: int | None) -> None:
    """libosdp 3.2.9 by itself presents the ones of 0x11 to 0x14."""
    attacker = Attacker(
        rig, lambda c: card_reply(c.sequence, security) if c.id == frames.POLL and c.sequence else None
    )
    rig.until(lambda: attacker.struck >= 3)
    rig.for_commands(5)
    assert rig.cards == []


@pytest.mark.parametrize("command", [frames.ID, frames.CAPABILITIES, frames.CHALLENGE, frames.CRYPTOGRAM])
def test_card_said_during_the_hand_shake_is_not_presented_in_the_session(rig: Rig, command: int) -> None:
    """libosdp 3.2.9 by itself keeps it, and presents it when the session is established."""
    struck: list[Frame] = []

    def once(heard: Frame) -> bytes | None:
        if heard.id != command or struck:
            return None
        struck.append(heard)
        return card_reply(heard.sequence, None)

    Attacker(rig, once)
    panel = rig.watch._panel
    assert panel is not None
    rig.watch._restart(panel, 0)
    rig.until(lambda: struck and rig.link.is_up)
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)
    assert rig.cards == [NUMBER]


def test_reader_that_denies_encryption_stays_offline(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    plain = bytes.fromhex("46 04 01 01 09 00 00".replace(" ", ""))  # its capabilities: LEDs, no security

    def deny(command: Frame) -> bytes | None:
        if command.id != frames.CAPABILITIES:
            return None
        head = bytes([0x53, ADDRESS | 0x80, 7 + len(plain), 0, command.sequence | 4]) + plain
        return head + frames._check(head, 2)

    Attacker(rig, deny)
    rig.reader.present(*CARD)
    rig.offline(ProblemCode.OSDP_NO_ENCRYPTION)
    assert rig.cards == [] and not rig.link.is_up


@pytest.mark.parametrize(
    "key", [b"", bytes(range(1, 16)) + b"\x77"], ids=["the default key only", "another key"]
)
def test_reader_with_the_wrong_key_is_offline_within_two_seconds_and_no_key_is_sent(
    make_rig: Callable[..., Rig], key: bytes
) -> None:
    rig = make_rig(reader_key=key)
    heard: list[int] = []
    rig.to_reader = lambda data: [heard.append((frame_in(data) or parse(frames.refusal(0, 0))).id) or data]  # type: ignore
    rig.reader.present(*CARD)
    rig.offline(ProblemCode.OSDP_KEY_REFUSED)
    rig.tries(5)
    assert rig.cards == [] and frames.KEY_SET not in heard and frames.CHALLENGE in heard


def test_reader_of_another_address_is_not_heard(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(address=ADDRESS + 1)
    rig.to_reader = lambda data: [_readdressed(data, ADDRESS + 1)]
    rig.reader.present(*CARD)
    offline = rig.offline(ProblemCode.OSDP_WRONG_ADDRESS)
    assert offline.fields == {"address": ADDRESS, "found_address": ADDRESS + 1}
    assert rig.cards == [] and rig.watch.readers[0].channel.dropped


def _readdressed(data: bytes, address: int) -> bytes:
    """As a reader that answers to everybody would hear it."""
    raw = bytearray(data[1:])
    raw[1] = address
    body = bytes(raw[:-2])
    return b"\xff" + body + frames._check(body, 2)


def test_ten_thousand_replayed_answers_admit_nobody(rig: Rig) -> None:
    """A replay of all of a reader's messages to a panel with a new handshake, which has another challenge."""
    recorded: list[bytes] = []

    def record(data: bytes) -> list[bytes]:
        recorded.append(data)
        return [data]

    panel = rig.watch._panel
    assert panel is not None
    rig.to_panel = record
    rig.watch._restart(panel, 0)
    rig.until(lambda: not rig.link.is_up or rig.watch.is_restarting)
    rig.until(lambda: rig.link.is_up and not rig.watch.is_restarting)
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)
    rig.sent.clear()
    replayed = [0]

    def replay(data: bytes) -> list[bytes]:
        command = frame_in(data)
        assert command is not None
        for frame in recorded[-40:]:
            replayed[0] += 1
            rig.send_to_panel(frame)
        return []

    rig.to_reader = replay
    while replayed[0] < 10_000:
        rig.tries(1)
    assert rig.cards == []


def test_five_forged_seals_are_reported_as_an_attack(rig: Rig) -> None:
    """A seal is guessed by trying; each wrong one ends the session."""

    def forge(command: Frame) -> bytes | None:
        return card_reply(command.sequence, 0x18) if command.id == frames.POLL and command.sequence else None

    Attacker(rig, forge)
    rig.until(lambda: rig.of(DeviceOffline))
    assert rig.last_offline == DeviceOffline.of(FORGED, NAME)
    assert rig.cards == [] and not rig.link.is_up


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """Bits turned, bytes put in, left out or cut off; half of them with a check that agrees."""
    raw = bytearray(data[1:] if data[:1] == b"\xff" else data)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0 | 1:
                raw[at] ^= 1 << chance.randrange(8)
            case 2:
                raw[at] = chance.choice((0, 0x11, 0x12, 0x14, 0x16, 0x18, 0x40, 0x41, 0x50, 0x53, 0x79, 0xFF))
            case 3:
                raw[at:at] = chance.randbytes(chance.randrange(1, 5))
            case _ if len(raw) > 8:
                del raw[at : at + chance.randrange(1, 5)]
    if chance.random() < 0.5 and len(raw) > 8:
        raw[2:4] = len(raw).to_bytes(2, "little")
        raw[4] |= 0x04
        raw[-2:] = frames._check(bytes(raw[:-2]), 2)
    return bytes(raw)


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=LONG)])
def test_mutated_frames_present_nobody_and_the_next_card_is_read(
    rig: Rig, figure: Callable[[str], None], count: int
) -> None:
    chance = random.Random(5)
    panel = rig.watch._panel
    assert panel is not None
    sent = [0]

    def storm(data: bytes) -> list[bytes]:
        many = chance.randrange(1, 3000)
        sent[0] += many
        bad = [_mutated(data, chance) for _ in range(many)]
        return [b"".join(bad), *([data] if chance.random() < 0.3 else [])]

    rig.to_panel = storm
    rig.until(lambda: sent[0] >= count // 10, 3000)
    before = proc_status("self", "VmRSS")
    rig.until(lambda: sent[0] >= count, 3000)
    grown = proc_status("self", "VmRSS") - before
    assert rig.cards == [] and panel.errors == 0
    rig.to_panel = lambda data: [data]
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)
    assert rig.cards == [NUMBER]
    figure(f"{sent[0]:,} frames, memory {grown:+.1f} MB")
    assert count < 1_000_000 or grown <= 5, "a leak"


def test_weak_key_never_reaches_the_line(make_rig: Callable[..., Rig]) -> None:
    """On the wire: no message at all."""
    rig = make_rig()
    heard: list[bytes] = []
    rig.to_reader = lambda data: heard.append(data) or []  # type: ignore[func-returns-value]
    file = keys.key_file(rig.folder / "keys", "entrance-in")
    for key in [*weak_keys(), keys.DEFAULT_KEY]:
        file.unlink()
        file.write_bytes(key)
        rig.watch.check_keys(rig.now())
        rig.step()
        assert rig.watch.readers == [], key.hex()
    rig.offline(ProblemCode.KEY_IS_DEFAULT)
    assert heard == []


class Slow:
    """Delays what the reader says; `step` delivers it when its time has come."""

    def __init__(self, rig: Rig, seconds: float) -> None:
        self._rig, self._seconds = rig, seconds
        self._waiting: list[tuple[float, bytes]] = []
        rig.to_panel = self._keep
        step = rig.step

        def stepped() -> None:
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                rig.send_to_panel(self._waiting.pop(0)[1])
            step()

        rig.step = stepped  # type: ignore[method-assign]

    def _keep(self, data: bytes) -> list[bytes]:
        self._waiting.append((time.monotonic() + self._seconds, data))
        return []


def test_slow_reader_gets_its_time_and_reads(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    Slow(rig, 0.06)
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    sent: list[bytes] = []
    rig.to_reader = lambda data: [sent.append(data) or data]  # type: ignore[func-returns-value]
    rig.until(lambda: len(sent) >= 5 and len(set(sent[-5:])) == 5)  # nothing is sent twice any more
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards == [NUMBER])


def test_echo_of_ones_own_words_is_not_an_answer(rig: Rig) -> None:
    """Some RS-485 adapters hear themselves."""

    def echo(data: bytes) -> list[bytes]:
        rig.send_to_panel(data)
        return [data]

    rig.to_reader = echo
    rig.for_commands(5)
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards == [NUMBER])
    assert rig.link.is_up and rig.of(DeviceOffline) == []
