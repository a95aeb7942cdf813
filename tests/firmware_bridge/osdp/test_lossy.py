"""A line that is not perfect: each card arrives or is clearly lost, and none is ever another's."""

import random
from collections.abc import Callable

import pytest

from firmware_bridge.simulator.lossy_line import PERFECT, Fault, Lane
from tests.firmware_bridge.osdp.rig import Rig

FAULTS = {
    "perfect": Fault(baud=115_200),
    "byte by byte": Fault(baud=115_200, byte_by_byte=True),
    "a fifth lost": Fault(baud=115_200, loss=0.2),
    "delay": Fault(baud=115_200, delay_seconds=0.03),
    "noise 1e-4": Fault(baud=115_200, noise=1e-4),
    "noise 1e-3": Fault(baud=115_200, noise=1e-3),
    "noise 1e-2": Fault(baud=115_200, noise=1e-2),
}
SOUND = ("perfect", "byte by byte", "delay")  # nothing is lost on these
CARDS, ENOUGH = 4, 25  # commands the panel says while a card waits; on a bad line that is all it gets


def number(value: int) -> str:
    return f"20{value:08X}"


def lay(rig: Rig, fault: Fault) -> None:
    chance = random.Random(1)
    rig.lanes = (Lane(fault, chance), Lane(fault, chance))


def present(rig: Rig, value: int) -> bool:
    """Hold a card to it; False when the reader could not get rid of it."""
    assert rig.reader.present(32, value.to_bytes(4, "big"))
    end = rig.commands + ENOUGH
    done = None
    while done is None and rig.commands < end:
        rig.step()
        done = rig.reader.delivered()
        if rig.link.retry_at_ms is not None:  # no waiting for the next try
            rig.skip(max(0, rig.link.retry_at_ms - rig.now()))
    if done is None:
        rig.reader.forget()
        while rig.reader.delivered() is not None:
            pass
    return bool(done)


def falls(rig: Rig) -> list[str]:
    """Why sessions ended from now on: a machine that pauses for 0.2 s ends one even on a good line."""
    found: list[str] = []
    went_down = rig.link.went_down

    def noted(problem: str, now_ms: int, is_there: bool = False) -> None:
        found.append(problem)
        went_down(problem, now_ms, is_there)

    rig.link.went_down = noted  # type: ignore[method-assign]
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_every_card_arrives_or_is_clearly_lost_and_none_is_another(rig: Rig, name: str) -> None:
    lay(rig, FAULTS[name])
    fell = falls(rig)
    numbers = [0x1000 + i for i in range(CARDS) if present(rig, 0x1000 + i)]
    if name in SOUND:
        rig.until(lambda: len(rig.cards) == CARDS or fell)
        assert len(numbers) == CARDS or fell
    assert set(rig.cards) <= {number(0x1000 + i) for i in range(CARDS)}
    assert len(rig.cards) == len(set(rig.cards))


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["a fifth lost", "noise 1e-4", "noise 1e-3", "noise 1e-2"])
def test_next_card_is_read_when_the_line_is_sound_again(
    rig: Rig, figure: Callable[[str], None], name: str, times: int
) -> None:
    """Within a second."""
    took = []
    for value in range(times):
        lay(rig, FAULTS[name])
        rig.for_commands(10 + value)
        lay(rig, PERFECT)
        began = rig.now()
        rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
        took.append(rig.now() - began)
        assert present(rig, value)
        rig.until(lambda now=value: number(now) in rig.cards)  # type: ignore[misc]
    figure(f"sound again {max(took)} ms after the noise at most, {times} times")
    assert times < 20 or max(took) <= 1000


def storm(rig: Rig, noise: float, count: int) -> None:
    """Each answer of the reader, cards among them, a hundred times garbled, and now and then whole."""
    chance, sent, held = random.Random(7), [0], [0]
    lane = Lane(Fault(noise=noise), chance)

    def garble(data: bytes) -> list[bytes]:
        sent[0] += 100
        bad = [lane._garbled(data) for _ in range(100)]
        return [b"".join(bad), *([data] if chance.random() < 0.5 else [])]

    rig.to_panel = garble
    while sent[0] < count:
        if rig.reader.delivered() is not None or not held[0]:
            held[0] += 1
            rig.reader.present(32, held[0].to_bytes(4, "big"))
        rig.step()
        if rig.link.retry_at_ms is not None:
            rig.skip(max(0, rig.link.retry_at_ms - rig.now()))
    assert set(rig.cards) <= {number(value) for value in range(1, held[0] + 1)}
    assert len(rig.cards) == len(set(rig.cards))


@pytest.mark.parametrize(
    "frames", [2_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
@pytest.mark.parametrize("noise", [1e-4, 1e-3, 1e-2])
def test_noise_makes_no_identity_of_its_own(rig: Rig, noise: float, frames: int) -> None:
    storm(rig, noise, frames)
