from dataclasses import replace

from controller.decision.access import decide
from controller.decision.rules.access_level import access_level
from controller.model.access import AccessRequest
from controller.model.moment import ClockState
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import (
    ALWAYS,
    MONDAY,
    NOON,
    PLAIN_FACTS,
    TOKYO,
    TOKYO_ALLOWS,
    at,
    badge,
    tap,
    utc,
    weekly,
)


def test_person_without_any_access_rule_has_no_access_here() -> None:
    assert access_level(tap(badge(schedules=())), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_rule_for_another_access_point_gives_no_access_here() -> None:
    """The registry lookup returns only this access point's levels; another point's level must not open."""
    assert access_level(tap(badge(access_point="archive-in")), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_card_without_a_record_has_no_access_here() -> None:
    assert access_level(tap(None), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_rule_for_this_access_point_passes_regardless_of_its_schedule() -> None:
    """When is the next rule's question."""
    assert access_level(tap(badge(schedules=(weekly(),))), NOON, TOKYO) is None


def for_a_time(valid_from: str | None, valid_until: str | None) -> AccessRequest:
    record = badge()
    [rule] = record.rules
    begins, ends = (None if text is None else utc(text) for text in (valid_from, valid_until))
    return tap(replace(record, rules=(replace(rule, valid_from=begins, valid_until=ends),)))


def test_level_granted_for_a_time_holds_to_the_minute() -> None:
    request = for_a_time("2026-11-25 09:00", "2026-11-25 17:30")
    for time, reason in (
        ("08:59", DenyReason.ACCESS_LEVEL_NOT_YET_VALID),
        ("09:00", None),
        ("17:29", None),
        ("17:30", DenyReason.ACCESS_LEVEL_ENDED),
    ):
        assert access_level(request, at(f"2026-11-25 {time}"), TOKYO) is reason


def test_level_that_ended_counts_before_one_that_begins_later() -> None:
    record = badge()
    [rule] = record.rules
    ended = replace(rule, valid_until=utc("2026-11-24 00:00"))
    later = replace(rule, valid_from=utc("2026-11-30 00:00"))
    both = tap(replace(record, rules=(later, ended)))
    assert access_level(both, NOON, TOKYO) is DenyReason.ACCESS_LEVEL_ENDED


def test_level_for_another_access_point_that_ended_says_nothing_here() -> None:
    record = badge(access_point="archive-in")
    [rule] = record.rules
    elsewhere = tap(replace(record, rules=(replace(rule, valid_until=utc("2026-11-24 00:00")),)))
    assert access_level(elsewhere, NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_clock_set_back_revives_no_level() -> None:
    back = at("2026-11-25 12:00", not_before="2026-11-25 18:00")
    request = for_a_time(None, "2026-11-25 17:30")
    assert access_level(request, back, TOKYO) is DenyReason.ACCESS_LEVEL_ENDED


def test_untrusted_clock_begins_no_level_early_unless_the_site_allows_it() -> None:
    later = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-24 12:00")
    request = for_a_time("2026-11-25 09:00", None)
    assert access_level(request, later, TOKYO) is DenyReason.CLOCK_UNTRUSTED
    assert access_level(request, later, TOKYO_ALLOWS) is None


def test_schedule_of_a_level_that_is_over_opens_nothing() -> None:
    """The level that still holds says when; the other, always open, ended yesterday."""
    record = badge(schedules=(ALWAYS, weekly((MONDAY, "09:00", "17:00"))))
    always, shift = record.rules
    ended = replace(record, rules=(replace(always, valid_until=utc("2026-11-24 00:00")), shift))
    assert decide(tap(record), NOON, PLAIN_FACTS).reason is None
    assert decide(tap(ended), NOON, PLAIN_FACTS).reason is DenyReason.OUTSIDE_SCHEDULE
