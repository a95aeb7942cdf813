"""A stack of unknown cards, or an emulator: the log keeps the true count and is not buried."""

import json
from itertools import pairwise

from firmware_bridge.simulator.air import Frame
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace
from tests.scenarios.demo import Demo
from tests.waiting import until

CARDS = 200
_LOOKS_EACH = 3  # a reader that is kept waiting may miss an answer, but not three


class StackOfCards:
    """One card after the other, each for a few polls of the reader."""

    def __init__(self, count: int) -> None:
        self._cards = [FelicaFace(f"01010312F100{number:04X}") for number in range(count)]
        self._polls = 0
        self.was_read = False

    def power_up(self) -> None:
        pass

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        number = self._polls // _LOOKS_EACH
        if number >= len(self._cards):
            return None
        answer = self._cards[number].answer(bitrate, command)
        if answer is not None:
            self._polls += 1
        self.was_read = number == len(self._cards) - 1 and answer is not None
        return answer


def test_two_hundred_unknown_cards_are_merged_and_their_count_is_exact(demo: Demo):
    demo.wait_for("reader_online", count=2)
    before, enrolled = demo.newest, demo.command("badge", "list")
    config = (demo.data / "genkan.toml").read_text("utf-8")
    port = int(config.split("[readers.entrance-in]")[1].split('path = "udp:127.0.0.1:')[1].split('"')[0])
    assert VirtualCard(("127.0.0.1", port), StackOfCards(CARDS)).present(0, patience=300)

    def counted() -> int:
        return sum(line.get("count", 1) for line in demo.log("access_denied", after=before))

    until(lambda: counted() >= CARDS, what="all are counted")
    merged = demo.log("access_denied", after=before)
    assert counted() == CARDS
    assert {line["reason"] for line in merged} == {"credential_unknown"}
    times = [line["mono_ms"] for line in merged]
    assert all(later - earlier >= 1000 for earlier, later in pairwise(times))
    assert len(merged) < CARDS
    assert "01010312F100" not in json.dumps(merged).upper()
    assert demo.command("badge", "list") == enrolled
    assert demo.tap() == "granted"
