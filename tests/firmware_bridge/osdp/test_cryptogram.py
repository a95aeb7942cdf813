"""The key that a swapped reader knows identifies the reader."""

from collections.abc import Callable

from firmware_bridge.messages import DeviceOffline
from firmware_bridge.osdp import frames, keys
from firmware_bridge.osdp.cryptogram import whose_key
from firmware_bridge.osdp.frames import Frame
from firmware_bridge.osdp.link import GRACE_MS
from firmware_bridge.problems import Problem, ProblemCode
from tests.firmware_bridge.osdp.rig import ADDRESS, CARD, NAME, Rig, frame_in


def hand_shake(rig: Rig) -> tuple[Frame, Frame]:
    """The challenge and what the reader made of it."""
    heard: list[Frame] = []

    def note(data: bytes) -> list[bytes]:
        frame = frame_in(data)
        if frame is not None and frame.id in (frames.CHALLENGE, frames.CLIENT_CRYPTOGRAM):
            heard.append(frame)
        return [data]

    rig.to_reader = rig.to_panel = note
    rig.until(lambda: len(heard) >= 2)
    return heard[0], heard[1]


def test_key_that_created_the_answer_is_found_and_no_other(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    challenge, answer = hand_shake(rig)
    own, other = keys.load(rig.folder / "keys", "entrance-in"), bytes(range(1, 16)) + b"\x77"
    assert whose_key(challenge, answer, {"x": other, "entrance-in": own}) == "entrance-in"
    assert whose_key(challenge, answer, {"x": other}) is None
    assert whose_key(answer, challenge, {"entrance-in": own}) is None
    assert whose_key(None, None, {"entrance-in": own}) is None


def test_answer_of_another_shape_is_nobodys(make_rig: Callable[..., Rig]) -> None:
    challenge, answer = hand_shake(make_rig())
    for cut in range(len(answer.raw)):
        short = Frame(answer.raw[:cut] + b"\0" * 8, ADDRESS, True, 0, 0x12, frames.CLIENT_CRYPTOGRAM)
        assert whose_key(challenge, short, {"x": bytes(range(1, 16)) + b"\x77"}) is None


def test_reader_of_another_door_in_its_place_is_named(make_rig: Callable[..., Rig]) -> None:
    key = bytes(range(1, 16)) + b"\x77"
    rig = make_rig(reader_key=key)
    keys.store(keys.key_file(rig.folder / "keys", "back-door"), key)
    exchanged = Problem(ProblemCode.OSDP_READERS_EXCHANGED, {"other_reader": "back-door"})
    rig.reader.present(*CARD)
    rig.until(lambda: rig.link._problem == exchanged)
    rig.skip(GRACE_MS)
    rig.until(lambda: rig.of(DeviceOffline))
    assert rig.of(DeviceOffline)[0] == DeviceOffline.of(exchanged, NAME)
    assert rig.cards == [] and not rig.link.is_up
