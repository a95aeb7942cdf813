import random

from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.pn532_field import Field

POLL = bytes.fromhex("0600FFFF0100")


def test_card_answers_while_it_is_in_the_field() -> None:
    field, card = Field(), FelicaFace("0101031284C0FFEE")
    assert field.exchange("212F", POLL) is None
    field.add(card)
    assert field.exchange("212F", POLL) == card.answer("212F", POLL)[1]  # type: ignore[index]
    assert field.exchange("106A", POLL) is None
    field.remove(card)
    assert field.exchange("212F", POLL) is None


def test_card_begins_again_whenever_it_comes_into_a_field() -> None:
    class Counting(FelicaFace):
        powered = 0

        def power_up(self) -> None:
            self.powered += 1

    field, first, second = Field(), Counting("0101031284C0FFEE"), Counting("01010312DEAD0001")
    field.add(first)
    assert first.powered == 0
    field.is_on = True
    field.is_on = True
    field.add(second)
    assert (first.powered, second.powered) == (1, 1)
    field.is_on = False
    field.is_on = True
    assert (first.powered, second.powered) == (2, 2)


def test_two_felica_cards_in_one_slot_are_a_collision() -> None:
    field = Field()
    field.add(FelicaFace("0101031284C0FFEE"))
    field.add(FelicaFace("01010312DEAD0001"))
    assert field.exchange("212F", POLL) == b""


def test_anticollision_goes_on_with_the_card_that_sends_a_one_and_gives_it_whole() -> None:
    field = Field()
    for uid in ("04112233445566", "01020304", "05112233445566"):
        field.add(TypeAFace(uid))
    assert field.select_type_a() == bytes.fromhex("0044000705112233445566")
    assert field.select_type_a(bytes.fromhex("01020304")) == bytes.fromhex("0004000401020304")


def test_thousand_pairs_are_one_whole_number() -> None:
    chance = random.Random(15)
    for _ in range(1000):
        cards = [TypeAFace(chance.randbytes(chance.choice((4, 7, 10))).hex()) for _ in range(2)]
        field = Field()
        for card in cards:
            field.add(card)
        selected = field.select_type_a()
        assert selected is not None and selected[4:] in [card.uid for card in cards]


class Mute:
    """Wakes up and says no number."""

    was_read = False

    def power_up(self) -> None: ...

    def answer(self, bitrate: str, command: bytes) -> tuple[str, bytes] | None:
        return (bitrate, b"\x44\x00") if command == b"\x26" else None


def test_card_that_wakes_up_and_says_no_number_is_none() -> None:
    field = Field()
    assert field.select_type_a() is None
    field.add(Mute())
    assert field.select_type_a() == b""
