"""Who is inside, by the records alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.decision.presence import Fact, Presence
from tests.controller.decision.samples import utc

FIRST = Fact(
    1,
    "access_granted",
    utc("2026-11-25 09:00"),
    "b" * 32,
    0,
    door="entrance",
    access_point="entrance-in",
    direction="in",
    person="p1",
    codes={"area": "floor", "category": "sv"},
)


def entered(seq: int, person: str, category: str = "regular") -> Fact:
    return replace(
        FIRST,
        seq=seq,
        person=person,
        utc=FIRST.utc + timedelta(minutes=seq),
        codes={"area": "floor", "category": category},
    )


def left(seq: int, person: str) -> Fact:
    return replace(
        entered(seq, person), access_point="entrance-out", direction="out", codes={"left": "floor"}
    )


def outcome(seq: int, of: int, result: str) -> Fact:
    return replace(FIRST, seq=seq, type="access_outcome", person=None, result=result, codes={"of": of})


def event_fact(seq: int, **codes: str | int) -> Fact:
    return replace(FIRST, seq=seq, type="operator_action", person=None, direction=None, codes=codes)


def of(*facts: Fact) -> Presence:
    presence = Presence()
    for fact in facts:
        presence.apply(fact)
    return presence


def test_person_who_came_in_is_inside_and_counted_by_category() -> None:
    presence = of(FIRST, entered(2, "p2"))
    assert {one.person for one in presence.inside("floor")} == {"p1", "p2"}
    assert (presence.count("floor"), presence.count_of("floor", {"sv"})) == (2, 1)
    assert presence.where("p1") is not None and presence.where("p3") is None


def test_person_who_left_is_outside_and_the_entry_is_remembered() -> None:
    presence = of(FIRST, left(2, "p1"))
    assert presence.count("floor") == presence.count_of("floor", {"sv"}) == 0
    assert presence.last_entry("p1", "floor") == presence.last_entry_of("floor", {"sv"}) == FIRST.utc
    assert presence.areas() == []


def test_grant_nobody_went_through_is_moved_back_to_where_the_person_was() -> None:
    assert of(FIRST, outcome(2, 1, "not_opened")).where("p1") is None
    again = of(FIRST, entered(2, "p1"), outcome(3, 2, "not_released")).where("p1")
    assert again is not None and again.seq == 1


def test_outcome_of_an_older_grant_moves_nobody() -> None:
    presence = of(FIRST, left(2, "p1"), entered(3, "p1"), outcome(4, 1, "not_opened"))
    assert presence.count("floor") == 1


def test_outcome_opened_or_unknown_leaves_the_person_inside() -> None:
    for result in ("opened", "outcome_unknown"):
        assert of(FIRST, outcome(2, 1, result)).count("floor") == 1


def test_operator_corrects_where_somebody_is() -> None:
    out = event_fact(2, action="presence_corrected", object_type="person", object_id="p1")
    assert of(FIRST, out).count("floor") == 0
    back = event_fact(3, action="presence_corrected", object_id="p1", area="floor", category="sv")
    assert of(FIRST, out, back).count_of("floor", {"sv"}) == 1


def test_forgiven_person_is_so_until_the_next_entry() -> None:
    forgiven = event_fact(2, action="forgiven", object_type="person", object_id="p1")
    assert of(FIRST, forgiven).is_forgiven("p1")
    assert not of(FIRST, forgiven, entered(3, "p1")).is_forgiven("p1")


def test_forgiven_area_forgives_everybody_inside_it() -> None:
    presence = of(
        FIRST, entered(2, "p2"), event_fact(3, action="forgiven", object_type="area", object_id="floor")
    )
    assert presence.is_forgiven("p1") and presence.is_forgiven("p2")


def test_emptied_area_holds_nobody() -> None:
    assert (
        of(FIRST, entered(2, "p2"), event_fact(3, action="area_emptied", object_id="floor")).count("floor")
        == 0
    )


@pytest.mark.parametrize("type_", ["access_waiting", "access_denied"])
def test_first_person_waits_for_a_second_until_somebody_passes(type_: str) -> None:
    """Earlier versions recorded the first of two as refused."""
    waits = replace(FIRST, seq=1, type=type_, reason="second_person_needed", codes={"category": "sv"})
    presence = of(waits)
    waiting = presence.waits_for_second("entrance-in")
    assert waiting is not None and waiting.person == "p1" and presence.count("floor") == 0
    assert of(waits, entered(2, "p2")).waits_for_second("entrance-in") is None


def test_passages_are_known_by_access_point_and_person() -> None:
    presence = of(FIRST, entered(2, "p2"))
    newest = presence.last_passage("entrance-in")
    assert newest is not None and newest.person == "p2"
    assert presence.entered_at("p1", "entrance-in") == FIRST.utc
    assert presence.entered_at("p1", "locker") is None


def test_two_grants_nobody_went_through_leave_the_person_where_they_were() -> None:
    for order in ((3, 4), (4, 3)):
        presence = of(
            FIRST,
            left(2, "p1"),
            entered(3, "p1"),
            entered(4, "p1"),
            outcome(5, order[0], "not_opened"),
            outcome(6, order[1], "not_opened"),
        )
        assert presence.where("p1") is None and presence.count("floor") == 0
        assert presence.last_entry("p1", "floor") == FIRST.utc


def test_grant_nobody_went_through_is_not_an_entry_passage_or_use_of_forgiveness() -> None:
    forgiven = event_fact(2, action="forgiven", object_type="person", object_id="p1")
    presence = of(entered(1, "p2"), forgiven, entered(3, "p1", "sv"), outcome(4, 3, "not_opened"))
    assert presence.last_entry("p1", "floor") is presence.entered_at("p1", "entrance-in") is None
    assert presence.last_entry_of("floor", {"sv"}) is None
    passage = presence.last_passage("entrance-in")
    assert passage is not None and passage.person == "p2"
    assert presence.is_forgiven("p1")


def test_copy_goes_its_own_way() -> None:
    presence = of(FIRST)
    twin = presence.copy()
    assert vars(twin) == vars(presence)
    twin.apply(outcome(2, 1, "not_opened"))
    twin.apply(entered(3, "p2"))
    assert [one.person for one in presence.inside("floor")] == ["p1"]
    presence.apply(outcome(2, 1, "not_opened"))
    assert presence.count("floor") == 0
