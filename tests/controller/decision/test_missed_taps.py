"""What a supervisor is shown, by the records alone."""

from dataclasses import replace
from datetime import timedelta

from controller.decision.missed_taps import MissedTaps
from controller.decision.presence import Fact, Presence
from tests.controller.decision.test_presence import FIRST, entered, event_fact, left, outcome

NOBODY_LATE = FIRST.utc - timedelta(days=1)


def of(*facts: Fact) -> tuple[MissedTaps, Presence]:
    presence, missed = Presence(), MissedTaps()
    for fact in facts:
        missed.apply(fact, presence)
        presence.apply(fact)
    return missed, presence


def kinds(*facts: Fact) -> list[tuple[int, str]]:
    missed, presence = of(*facts)
    return [(one.seq, one.kind.value) for one in missed.open(presence, NOBODY_LATE)]


def test_in_and_out_are_nothing_to_examine() -> None:
    assert kinds(entered(1, "p1"), left(5, "p1"), entered(9, "p1")) == []


def test_out_without_in_is_missed_once_however_often_tapped() -> None:
    again = replace(left(3, "p1"), utc=left(2, "p1").utc + timedelta(seconds=20))
    assert kinds(left(2, "p1"), again) == [(2, "out_without_in")]
    assert kinds(left(2, "p1"), left(30, "p1")) == [(30, "out_without_in"), (2, "out_without_in")]


def test_in_again_is_missed_unless_within_a_minute_of_the_first_tap() -> None:
    at_once = replace(entered(2, "p1"), utc=entered(1, "p1").utc + timedelta(seconds=20))
    assert kinds(entered(1, "p1"), at_once) == []
    assert kinds(entered(1, "p1"), entered(9, "p1")) == [(9, "in_without_out")]


def test_missed_tap_out_of_yesterday_stays_in_the_list_when_the_person_comes_in_again_today() -> None:
    today = replace(entered(2, "p1"), utc=FIRST.utc + timedelta(days=1))
    closing = FIRST.utc + timedelta(hours=19)
    missed, presence = of(entered(1, "p1"))
    assert [one.kind.value for one in missed.open(presence, closing)] == ["still_inside"]
    missed, presence = of(entered(1, "p1"), today)
    assert [(one.seq, one.kind.value) for one in missed.open(presence, closing)] == [(2, "in_without_out")]


def test_into_another_area_without_leaving_the_first_is_missed_unless_the_door_leads_out_of_it() -> None:
    archive = replace(entered(2, "p1"), codes={"area": "archive"})
    assert kinds(entered(1, "p1"), archive) == [(2, "in_without_out")]
    between = replace(entered(2, "p1"), codes={"area": "archive", "left": "floor"})
    assert kinds(entered(1, "p1"), between) == []


def test_grant_nobody_went_through_is_nothing_to_examine() -> None:
    twice = (entered(1, "p1"), entered(9, "p1"))
    assert kinds(*twice, outcome(10, 9, "not_opened")) == []
    assert kinds(*twice, outcome(10, 1, "not_opened")) == []


def refused_again(seq: int, person: str) -> Fact:
    return replace(entered(seq, person), type="access_denied", result="denied", reason="anti_passback")


def test_missed_tap_seen_by_a_refusal_says_that_nobody_went_in() -> None:
    for second, refused in ((refused_again(9, "p1"), True), (entered(9, "p1"), False)):
        missed, presence = of(entered(1, "p1"), second)
        (one,) = missed.open(presence, NOBODY_LATE)
        assert one.refused is refused


def test_second_entry_refused_by_anti_passback_is_missed_once_and_resolved_as_the_others() -> None:
    tried = (entered(1, "p1"), refused_again(9, "p1"), refused_again(11, "p1"))
    assert kinds(*tried) == [(9, "in_without_out")]
    assert kinds(*tried, entered(12, "p1")) == [(9, "in_without_out")], (
        "let in after all: the same tap is missed"
    )
    resolved = event_fact(13, action="presence_corrected", object_id="p1", resolves=9)
    missed, presence = of(*tried, resolved)
    assert missed.open(presence, NOBODY_LATE) == [] and presence.count("floor") == 0


def test_refusal_immediately_or_after_leaving_or_of_a_grant_nobody_used_is_nothing_to_examine() -> None:
    at_once = replace(refused_again(2, "p1"), utc=entered(1, "p1").utc + timedelta(seconds=20))
    assert kinds(entered(1, "p1"), at_once) == []
    assert kinds(entered(1, "p1"), left(5, "p1"), refused_again(6, "p1")) == [], "only too soon"
    assert kinds(entered(1, "p1"), refused_again(9, "p1"), outcome(10, 1, "not_opened")) == []


def seconds_after(first: Fact, fact: Fact, seconds: int = 20) -> Fact:
    return replace(fact, utc=first.utc + timedelta(seconds=seconds))


def test_second_entry_within_a_minute_is_missed_once_the_door_has_opened_for_the_first() -> None:
    first, opened = entered(1, "p1"), outcome(2, 1, "opened")
    for second in (entered(3, "p1"), refused_again(3, "p1")):
        again = seconds_after(first, second)
        assert kinds(first, opened, again) == [(3, "in_without_out")]
        assert kinds(first, outcome(2, 1, "outcome_unknown"), again) == [], "nobody knows without a contact"
        assert kinds(first, outcome(2, 9, "opened"), again) == [], "it opened for somebody else"
        assert kinds(first, opened, left(3, "p1"), replace(again, seq=4)) == []


def test_two_taps_at_the_closed_door_are_one_passage_and_a_third_behind_it_is_missed() -> None:
    first = entered(1, "p1")
    twice = (first, seconds_after(first, entered(2, "p1"), 2))
    opened = (outcome(3, 1, "opened"), outcome(4, 2, "opened"))
    assert kinds(*twice, *opened) == []
    third = seconds_after(first, refused_again(5, "p1"))
    assert kinds(*twice, *opened, third) == [(5, "in_without_out")]


def test_openings_beyond_the_newest_thousand_are_forgotten() -> None:
    first = entered(1, "p1")
    opened = [outcome(2, of, "opened") for of in range(1, 1002)]
    again = seconds_after(first, entered(1003, "p1"))
    assert kinds(first, *opened[:-1], again) == [(1003, "in_without_out")]
    assert kinds(first, *opened, again) == []


def test_resolved_item_leaves_the_list() -> None:
    resolved = event_fact(10, action="presence_corrected", object_id="p1", resolves=9, kept=1)
    assert kinds(entered(1, "p1"), entered(9, "p1"), resolved) == []
    _, presence = of(entered(1, "p1"), entered(9, "p1"), resolved)
    assert presence.count("floor") == 1


def test_person_inside_since_before_the_closing_is_missed_until_said_to_be_there() -> None:
    missed, presence = of(entered(1, "p1"), entered(2, "p2"))
    closing = entered(2, "p2").utc
    assert [one.person for one in missed.open(presence, closing)] == ["p1"]
    there = event_fact(600, action="presence_corrected", object_id="p1", resolves=1, kept=1)
    there = replace(there, utc=closing + timedelta(hours=1))
    missed.apply(there, presence)
    assert missed.open(presence, closing) == []
    assert len(missed.open(presence, closing + timedelta(days=1))) == 2


def test_copy_goes_its_own_way() -> None:
    missed, presence = of(left(2, "p1"))
    twin = missed.copy()
    twin.apply(event_fact(3, action="presence_corrected", object_id="p1", resolves=2, kept=1), presence)
    assert (len(missed.open(presence, NOBODY_LATE)), twin.open(presence, NOBODY_LATE)) == (1, [])
