from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from controller.decision.unknown_cards import UnknownCard, UnknownCards
from controller.model.access import Direction
from controller.model.credentials import CredentialKind
from controller.model.events import Event, EventType
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import after_ms


def card(
    number: int = 1, reader: str = "reader-1", reason: DenyReason = DenyReason.CREDENTIAL_UNKNOWN
) -> UnknownCard:
    return UnknownCard(
        "entrance",
        "entrance-in",
        reader,
        Direction.IN,
        reason,
        f"{number:04X}",
        number.to_bytes(32),
        CredentialKind.FELICA,
        42,
        0,
    )


def count(events: list[Event]) -> int:
    return sum(int(event.codes.get("count", 1)) for event in events)


def test_first_unknown_card_recorded_immediately_with_its_keyed_hash() -> None:
    [event] = UnknownCards().tapped(card(0xBEEF), after_ms(0))
    assert (event.type, event.result, event.reason) == (
        EventType.ACCESS_DENIED,
        "denied",
        "credential_unknown",
    )
    assert (event.door, event.access_point, event.reader, event.direction) == (
        "entrance",
        "entrance-in",
        "reader-1",
        "in",
    )
    assert (event.person, event.credential, event.registry, event.assurance) == (None, None, 42, 0)
    assert event.codes == {}
    assert event.details == {
        "card_hash": (0xBEEF).to_bytes(32).hex(),
        "last_four": "BEEF",
        "kind": "felica",
    }


def test_flood_within_a_second_merged_to_one_record_with_the_true_count() -> None:
    unknown = UnknownCards()
    unknown.tapped(card(), after_ms(0))
    for ms in range(10, 500, 10):
        assert unknown.tapped(card(), after_ms(ms)) == []
    assert unknown.due(after_ms(999)) == []
    [event] = unknown.due(after_ms(1000))
    assert event.codes == {"count": 49}
    assert event.at == after_ms(1000)
    assert event.details["last_four"] == "0001"
    assert unknown.due(after_ms(5000)) == []


def test_next_card_after_the_second_brings_the_merged_record_with_it() -> None:
    """Without a tick in between nothing is lost, and nothing is later than the next card."""
    unknown = UnknownCards()
    unknown.tapped(card(), after_ms(0))
    unknown.tapped(card(), after_ms(10))
    [event] = unknown.tapped(card(), after_ms(1500))
    assert event.codes == {"count": 2}


def test_single_card_after_a_quiet_second_recorded_immediately_again() -> None:
    unknown = UnknownCards()
    unknown.tapped(card(), after_ms(0))
    assert len(unknown.tapped(card(), after_ms(1000))) == 1


def test_merged_record_of_several_cards_names_none_of_them() -> None:
    unknown = UnknownCards()
    unknown.tapped(card(1), after_ms(0))
    unknown.tapped(card(2), after_ms(10))
    unknown.tapped(card(3), after_ms(20))
    unknown.tapped(card(3), after_ms(30))
    [event] = unknown.due(after_ms(1000))
    assert event.codes == {"count": 3}
    assert event.details == {}


def test_flood_at_one_reader_does_not_delay_another() -> None:
    unknown = UnknownCards()
    unknown.tapped(card(reader="a"), after_ms(0))
    unknown.tapped(card(reader="a"), after_ms(10))
    assert len(unknown.tapped(card(reader="b"), after_ms(20))) == 1


def test_two_reasons_in_one_second_are_two_records_a_second_apart() -> None:
    unknown = UnknownCards()
    random = DenyReason.CARD_NUMBER_RANDOM
    unknown.tapped(card(), after_ms(0))
    unknown.tapped(card(), after_ms(10))
    unknown.tapped(card(reason=random), after_ms(20))
    unknown.tapped(card(reason=random), after_ms(30))
    [first] = unknown.due(after_ms(1000))
    assert unknown.due(after_ms(1999)) == []
    [second] = unknown.due(after_ms(2000))
    assert (first.reason, second.reason) == ("credential_unknown", "card_number_random")
    assert second.codes == {"count": 2}


def test_stop_writes_what_is_still_counted() -> None:
    unknown = UnknownCards()
    unknown.tapped(card(), after_ms(0))
    unknown.tapped(card(), after_ms(10))
    unknown.tapped(card(), after_ms(20))
    assert [event.codes for event in unknown.flush(after_ms(30))] == [{"count": 2}]
    assert unknown.flush(after_ms(40)) == []


REASONS = (DenyReason.CREDENTIAL_UNKNOWN, DenyReason.CARD_NUMBER_RANDOM)
# Milliseconds since the one before, the card, its reader, its reason; without a reason it is a tick.
taps = st.tuples(
    st.integers(0, 1500), st.integers(0, 2), st.sampled_from("ab"), st.sampled_from((None, *REASONS))
)


@given(st.lists(taps, max_size=60))
def test_any_flood_counted_exactly_and_never_more_than_one_record_a_second_for_a_reader(
    story: list[tuple[int, int, str, DenyReason | None]],
) -> None:
    """Refusals may be merged, but their count must be right."""
    unknown, ms, written, tapped = UnknownCards(), 0, [], 0
    for gap, number, reader, reason in story:
        ms += gap
        if reason is None:
            written += unknown.due(after_ms(ms))
        else:
            tapped += 1
            written += unknown.tapped(card(number, reader, reason), after_ms(ms))
    for reader in "ab":
        times = [event.at.mono_ms for event in written if event.reader == reader]
        assert all(later - earlier >= 1000 for earlier, later in pairwise(times))
    assert count(written + unknown.flush(after_ms(ms))) == tapped
