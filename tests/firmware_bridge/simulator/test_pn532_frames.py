import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.simulator.pn532_frames import ACK, MAX_DATA, Control, Pn532Framer, information


@given(st.lists(st.binary(min_size=1, max_size=MAX_DATA), max_size=4), st.integers(1, 40))
def test_frames_in_any_slices_come_back_whole(sent: list[bytes], size: int) -> None:
    line = b"".join(information(data) for data in sent)
    framer = Pn532Framer()
    slices = [line[at : at + size] for at in range(0, len(line), size)]
    assert [frame for piece in slices for frame in framer.feed(piece)] == sent


def test_get_firmware_version_is_as_the_manual_says() -> None:
    assert information(b"\xd4\x02") == bytes.fromhex("0000FF02FED4022A00")
    assert Pn532Framer().feed(bytes.fromhex("0000FF02FED4022A00")) == [b"\xd4\x02"]


def test_long_frame_has_the_extended_form() -> None:
    assert information(bytes(263)).startswith(bytes.fromhex("0000FFFFFF0107F8"))
    assert Pn532Framer().feed(information(bytes(263))) == [bytes(263)]


def test_acknowledgements_are_distinguished_from_frames_and_empty_ones() -> None:
    assert Pn532Framer().feed(ACK + bytes.fromhex("0000FFFF0000")) == [Control.ACK, Control.NACK]


@pytest.mark.parametrize(
    "noise",
    [
        "0000FF02FDD4022A00",
        "0000FF02FED4022B00",
        "0000FFFFFF0107F700",
        "0000FFFFFF4000C000",
        "000102",
        "FF00",
    ],
)
def test_broken_frame_is_passed_over_and_the_next_is_heard(noise: str) -> None:
    framer = Pn532Framer()
    assert framer.feed(bytes.fromhex(noise)) == []
    assert information(b"\xd4\x02") and b"\xd4\x02" in framer.feed(information(b"\xd4\x02") * 2)


@given(st.binary(max_size=2000))
def test_noise_never_raises_and_is_not_kept_for_ever(noise: bytes) -> None:
    framer = Pn532Framer()
    framer.feed(noise)
    assert len(framer._held) <= MAX_DATA + 8
