import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.osdp import frames
from firmware_bridge.osdp.frames import OsdpFramer, parse, refusal


def frame(body: bytes, address: int = 0x83, control: int = 0x05, crc: bool = True) -> bytes:
    control = control if crc else control & ~0x04
    size = 5 + len(body) + (2 if crc else 1)
    head = bytes([0x53, address, size & 0xFF, size >> 8, control]) + body
    return head + frames._check(head, 2 if crc else 1)


def test_frame_says_who_what_and_whether_it_is_sealed() -> None:
    plain = parse(frame(b"\x40"))
    assert plain is not None
    assert (plain.address, plain.is_reply, plain.sequence, plain.security, plain.id) == (
        3,
        True,
        1,
        None,
        0x40,
    )
    sealed = parse(frame(b"\x02\x16\x40\x01\x02\x03\x04", control=0x0E))
    assert sealed is not None and (sealed.security, sealed.id, sealed.sequence) == (0x16, 0x40, 2)
    summed = parse(frame(b"\x40", crc=False))
    assert summed is not None and summed.id == 0x40


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x53",
        frame(b"\x40")[:-1],
        frame(b"\x40") + b"\x00",
        frame(b"\x40").replace(b"\x40", b"\x41"),
        frame(b"\x01\x12\x40", control=0x0D),  # a security block that does not hold its own type
        frame(b"\x80\x12\x40", control=0x0D),  # one that reaches beyond the frame
        frame(b"\x02\x16\x40\x01\x02", control=0x0D),  # sealed, without room for a seal
    ],
)
def test_what_is_not_a_whole_frame_is_none(raw: bytes) -> None:
    assert parse(raw) is None


def test_refusal_is_a_reply_in_the_clear() -> None:
    parsed = parse(refusal(3, 2))
    assert parsed is not None
    assert (parsed.address, parsed.is_reply, parsed.id, parsed.sequence, parsed.security) == (
        3,
        True,
        frames.NAK,
        2,
        None,
    )


def test_frame_found_behind_noise_a_mark_and_a_false_start() -> None:
    framer = OsdpFramer()
    good = frame(b"\x40")
    assert [f.raw for f in framer.feed(b"\x00\x53\xff\x99\xff" + good + b"\x53")] == [good]
    assert not framer.is_empty
    framer.reset()
    assert framer.is_empty


def test_frame_arrives_a_byte_at_a_time() -> None:
    framer, good = OsdpFramer(), frame(b"\x50" + bytes(20))
    found = [f for byte in b"\xff" + good for f in framer.feed(bytes([byte]))]
    assert [f.raw for f in found] == [good]


@given(st.binary(max_size=600), st.integers(1, 64))
def test_any_bytes_in_any_slices_never_raise_nor_pile_up(data: bytes, size: int) -> None:
    framer = OsdpFramer()
    for at in range(0, len(data), size):
        for found in framer.feed(data[at : at + size]):
            assert parse(found.raw) == found
    assert len(framer._held) <= frames.MAX_FRAME + 1


def test_damaged_frame_is_dropped_and_counted_and_the_next_is_found() -> None:
    chance = random.Random(1)
    framer = OsdpFramer()
    good = frame(b"\x50" + bytes(range(0x60, 0x74)))
    for _ in range(500):
        bad = bytearray(good)
        bad[chance.randrange(5, len(bad))] ^= 1 << chance.randrange(8)
        assert framer.feed(bytes(bad)) == []
        framer.reset()
    assert framer.damaged == 500
    assert [f.raw for f in framer.feed(good)] == [good]


def test_repr_holds_no_data() -> None:
    found = parse(frame(b"\x50\x00\x01\x1a\x00\x12\x34\x56\x40"))
    assert found is not None and "1234" not in repr(found).lower() and "\\x" not in repr(found)
