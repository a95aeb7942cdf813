"""The work loop and a card with a message of its own: when it is read, what comes back, how long it is."""

from collections.abc import Callable, Iterator

import pytest

from firmware_bridge import messages
from firmware_bridge.messages import (
    BridgeHeartbeat,
    CardFound,
    CardRejected,
    NumberOnly,
    ReadSunMessage,
    SunMessageRead,
)
from firmware_bridge.nfc import sun_mac
from firmware_bridge.nfc.prove import ProofResult
from firmware_bridge.nfc.sun_reading import read_sun_message
from firmware_bridge.simulator.faces import Face, TypeAFace
from firmware_bridge.simulator.ntag424 import Ntag424Face, RecordedFace, Type4Face
from tests.firmware_bridge.nfc.field import TypeARadio
from tests.firmware_bridge.nfc.test_polling import Door

UID = "04DE5F1EACC040"
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
Change = Callable[[bytes, bytes | None], bytes | None]


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()


def checked(
    door: Door, face: Face, change: Change | None = None, number: str = UID
) -> list[messages.FromBridge]:
    """Polled, found, asked for its message; what the bridge says then."""
    radio = TypeARadio(face, change)
    polling = door.polling(lambda: radio, "udp:127.0.0.1:1")
    assert CardFound(1, "type_a", number) in door.steps(polling, 2)
    door.send(ReadSunMessage(1))
    return [message for message in door.steps(polling, 4) if not isinstance(message, BridgeHeartbeat)]


def counter_of(message: list[messages.FromBridge]) -> int | None:
    (word,) = message
    assert isinstance(word, SunMessageRead) and (word.presentation, word.kind, word.number) == (
        1,
        "type_a",
        UID,
    )
    return sun_mac.verified_counter(
        KEY, bytes.fromhex(UID), bytes.fromhex(word.sun_data), bytes.fromhex(word.mac)
    )


@pytest.mark.parametrize("encrypted", [False, True])
def test_card_says_its_message_once_for_each_presentation(door: Door, encrypted: bool) -> None:
    card = Ntag424Face(UID, KEY, 40, encrypted)
    assert counter_of(checked(door, card)) == 41
    assert card.counter == 41


def test_card_is_not_read_where_its_number_is_enough(door: Door) -> None:
    card = Ntag424Face(UID, KEY)
    polling = door.polling(lambda: TypeARadio(card), "udp:127.0.0.1:1")
    door.steps(polling, 2)
    door.send(NumberOnly(1))
    assert [message.type for message in door.steps(polling, 3)] == ["card_presented"]
    assert card.counter == 0


def test_recording_is_passed_on_as_it_is(door: Door) -> None:
    card = Ntag424Face(UID, KEY, 7)
    checked(door, card)
    again = checked(Door(), RecordedFace(UID, card.url()))
    assert counter_of(again) == 8


@pytest.mark.parametrize(
    "face",
    [
        TypeAFace(UID),
        RecordedFace(UID, "example.com/"),
        Type4Face(UID, lambda: b"\0\0"),
        Type4Face(UID, lambda: b""),
    ],
)
def test_card_that_says_no_such_message_is_refused_as_one_that_may_be_a_copy(door: Door, face: Face) -> None:
    assert checked(door, face) == [CardRejected(1, "authentication_failed", UID)]


def test_card_that_leaves_is_unreadable_whenever_it_leaves(door: Door) -> None:
    """After each of the frames of a reading that it answers."""
    frames = 0
    for last in range(1, 30):
        card = Ntag424Face(UID, KEY)
        answered: list[bytes] = []

        def leaves(command: bytes, answer: bytes | None, last=last, answered=answered) -> bytes | None:
            if command[0] not in (0xE0, 0x02, 0x03, 0x12, 0x13, 0xB2, 0xB3):
                return answer
            answered.append(command)
            return answer if len(answered) < last else None

        word = read_sun_message(TypeARadio(card, leaves), card.uid)
        if word is not ProofResult.SILENT:
            frames = last
            break
    assert frames == 9


def test_card_that_stays_and_says_nothing_is_distinguished_from_one_that_left(door: Door) -> None:
    chosen = (0x26, 0x93, 0x95)  # it is found and answers with its number, and nothing more
    mute = checked(
        door, Ntag424Face(UID, KEY), lambda command, answer: answer if command[0] in chosen else None
    )
    assert mute == [CardRejected(1, "card_silent", UID)]
    there = [True]

    def leaves(command: bytes, answer: bytes | None) -> bytes | None:
        there[0] = there[0] and command[0] != 0xE0
        return answer if there[0] else None

    assert checked(Door(), Ntag424Face(UID, KEY), leaves) == [CardRejected(1, "card_left", UID)]


def test_answer_lost_in_the_air_is_asked_for_again_and_counts_once(door: Door) -> None:
    card, lost = Ntag424Face(UID, KEY), [5]

    def loses(command: bytes, answer: bytes | None) -> bytes | None:
        lost[0] -= command[0] in (0x02, 0x03)
        if lost[0] == 0:
            lost[0] = -1
            return None
        return answer

    assert counter_of(checked(door, card, loses)) == 1


def test_another_card_in_its_place_is_never_mistaken_for_it() -> None:
    assert (
        read_sun_message(TypeARadio(Ntag424Face("04AABBCCDDEE80", KEY)), bytes.fromhex(UID))
        is ProofResult.SILENT
    )
