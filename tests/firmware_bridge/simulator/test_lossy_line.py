import random

from firmware_bridge.simulator.lossy_line import PERFECT, Fault, Lane

MESSAGE = bytes(range(40))


def passed(fault: Fault, count: int = 1, seed: int = 1) -> tuple[Lane, list[bytes]]:
    """Everything that comes out, long after `count` messages went in."""
    lane = Lane(fault, random.Random(seed))
    for _ in range(count):
        lane.add(MESSAGE, 0.0)
    return lane, lane.due(1e9)


def test_perfect_line_passes_everything_immediately() -> None:
    lane = Lane(PERFECT, random.Random(1))
    lane.add(MESSAGE, 5.0)
    assert lane.next_at == 5.0 and lane.due(5.0) == [MESSAGE] and lane.next_at is None


def test_bytes_take_their_time_one_behind_the_other() -> None:
    lane = Lane(Fault(baud=9600), random.Random(1))
    lane.add(MESSAGE[:24], 0.0)
    lane.add(MESSAGE[:24], 0.0)
    assert lane.due(0.0249) == []
    assert len(lane.due(0.02501)) == 1
    assert lane.due(0.0499) == [] and len(lane.due(0.05001)) == 1


def test_byte_by_byte_is_every_byte_in_order() -> None:
    _, pieces = passed(Fault(byte_by_byte=True), 2)
    assert pieces == [bytes([b]) for b in MESSAGE + MESSAGE]


def test_delay_is_added_to_each() -> None:
    lane = Lane(Fault(delay_seconds=0.2), random.Random(1))
    lane.add(MESSAGE, 1.0)
    assert lane.due(1.199) == [] and lane.due(1.2) == [MESSAGE]


def test_loss_takes_its_share_of_whole_messages() -> None:
    lane, pieces = passed(Fault(loss=0.2), 10_000)
    assert set(pieces) == {MESSAGE} and lane.lost + len(pieces) == 10_000
    assert 1_850 < lane.lost < 2_150


def test_noise_turns_its_share_of_bits_over_and_no_more() -> None:
    lane, pieces = passed(Fault(noise=0.001), 1_000)
    turned = sum((a ^ b).bit_count() for piece in pieces for a, b in zip(piece, MESSAGE, strict=True))
    assert turned == lane.flipped and 250 < turned < 400


def test_same_seed_is_the_same_line() -> None:
    fault = Fault(baud=9600, loss=0.2, noise=0.01)
    assert passed(fault, 50, 7)[1] == passed(fault, 50, 7)[1] != passed(fault, 50, 8)[1]
