import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.messages import CardFound, CardRejected
from firmware_bridge.nfc.presentation import GONE_MS, Presentations, Sighting

BADGE = Sighting("felica", "0101031284C0FFEE")
OTHER = Sighting("felica", "0101031284C0FFEF")
PLASTIC = Sighting("type_a", "04112233445566")


def phone(n: int) -> Sighting:
    return Sighting("type_a", f"08{n:06X}")


def poll(
    presentations: Presentations, card: Sighting | None, start: int, ms: int, step: int = 50
) -> list[object]:
    """Poll every `step` ms from `start` for `ms`; return the messages."""
    results = [presentations.update(card, now) for now in range(start, start + ms, step)]
    return [message for message in results if message is not None]


def test_card_left_for_an_hour_is_found_once() -> None:
    presentations = Presentations()
    assert poll(presentations, BADGE, 0, 3_600_000) == [CardFound(1, "felica", BADGE.number)]


def test_card_unseen_for_less_than_half_a_second_is_the_same_presentation() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    assert poll(presentations, None, 50, 450) == []
    assert presentations.update(BADGE, 500) is None


def test_card_back_after_half_a_second_is_a_new_presentation() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    poll(presentations, None, 50, 500)
    assert presentations.update(BADGE, 550) == CardFound(2, "felica", BADGE.number)


def test_card_seen_in_every_tenth_search_for_a_minute_is_found_once() -> None:
    presentations = Presentations()
    results = [presentations.update(BADGE if n % 10 == 0 else None, n * 45) for n in range(1300)]
    assert [message for message in results if message] == [CardFound(1, "felica", BADGE.number)]


def test_reader_that_did_not_search_for_a_minute_finds_the_card_left_on_it_unchanged() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    assert presentations.update(None, 60_000) is None  # the first poll after a pause may miss
    assert presentations.update(BADGE, 60_050) is None


def test_another_card_immediately_is_another_presentation() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    assert presentations.update(OTHER, 20) == CardFound(2, "felica", OTHER.number)


def test_two_cards_answering_in_turn_are_found_once_each() -> None:
    presentations = Presentations()
    results = [presentations.update((BADGE, OTHER)[n % 2], n * 50) for n in range(1000)]
    assert [message for message in results if message] == [
        CardFound(1, "felica", BADGE.number),
        CardFound(2, "felica", OTHER.number),
    ]


def test_answered_presentation_is_presented_once() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    assert presentations.answered(1, 5) == BADGE
    assert presentations.answered(1, 6) is None


def test_answer_to_nothing_presents_nothing() -> None:
    assert Presentations().answered(1, 0) is None


def test_swiped_card_is_presented_when_the_answer_comes_within_two_seconds() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    poll(presentations, None, 20, 1980, step=20)
    assert presentations.answered(1, 2000) is not None


def test_late_answer_after_the_card_has_gone_presents_nothing() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    poll(presentations, None, 50, 2050)
    assert presentations.answered(1, 2050) is None
    assert presentations.unanswered == 1


def test_late_answer_while_the_card_is_still_there_presents_it() -> None:
    presentations = Presentations()
    poll(presentations, BADGE, 0, 3000)
    assert presentations.answered(1, 3000) == BADGE


def test_card_the_door_was_not_informed_of_is_found_again() -> None:
    presentations = Presentations()
    presentations.update(BADGE, 0)
    presentations.withdraw(1)
    assert presentations.update(BADGE, 50) == CardFound(2, "felica", BADGE.number)


def test_phone_changing_its_number_at_every_poll_is_refused_once() -> None:
    presentations = Presentations()
    results = [presentations.update(phone(n), n * 50) for n in range(1200)]
    assert [message for message in results if message] == [CardRejected(1, "card_number_random", "08000001")]


@pytest.mark.parametrize("first", range(256))
def test_four_byte_number_is_refused_exactly_when_it_starts_with_08(first: int) -> None:
    presentations = Presentations()
    results = poll(presentations, Sighting("type_a", f"{first:02X}112233"), 0, 200)
    assert [type(message) for message in results] == [CardRejected if first == 8 else CardFound]


def test_seven_byte_number_starting_with_08_is_a_lasting_number() -> None:
    assert not Sighting("type_a", "08112233445566").is_random


def test_peer_to_peer_number_is_refused() -> None:
    presentations = Presentations()
    results = poll(presentations, Sighting("felica", "01FE112233445566"), 0, 200)
    assert results == [CardRejected(1, "card_number_random", "01FE112233445566")]


def test_phone_showing_its_felica_number_after_a_random_one_is_only_found() -> None:
    presentations = Presentations()
    assert presentations.update(phone(1), 0) is None
    assert presentations.update(BADGE, 50) == CardFound(1, "felica", BADGE.number)
    assert presentations.update(phone(2), 100) is None
    assert presentations.update(phone(3), 150) is None
    assert presentations.answered(1, 160) == BADGE


def test_felica_in_the_field_is_known_until_it_has_gone() -> None:
    presentations = Presentations()
    presentations.update(PLASTIC, 0)
    assert not presentations.holds_felica
    presentations.update(BADGE, 20)
    assert presentations.holds_felica
    poll(presentations, None, 70, GONE_MS + 50)
    assert not presentations.holds_felica and presentations.is_empty


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from([None, BADGE, OTHER, PLASTIC, phone(1), phone(2)]))
    )
)
def test_anything_that_is_seen_each_presentation_is_one_card_said_once(
    polls: list[tuple[int, Sighting | None]],
) -> None:
    presentations, now, numbers = Presentations(), 0, []
    seen = {card.number for _, card in polls if card is not None}
    for passed, card in polls:
        now += passed
        message = presentations.update(card, now)
        if message is None:
            continue
        numbers.append(message.presentation)
        assert message.number in seen and card is not None and message.number == card.number
        if isinstance(message, CardFound):
            assert presentations.answered(message.presentation, now) == card
    assert numbers == list(range(1, len(numbers) + 1))


def test_sighting_in_a_traceback_shows_four_digits_only() -> None:
    assert "0101031284" not in repr(BADGE) and repr(BADGE).endswith("FFEE)")
