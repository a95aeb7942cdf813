"""The facts that the rules about card, person, place and time show."""

from controller.decision.explain import explain
from tests.controller.decision.samples import NOON, PLAIN_FACTS, badge, tap, utc, weekly


def test_schedule_says_which_are_open() -> None:
    morning, evening = weekly((2, "06:00", "13:00")), weekly((2, "18:00", "22:00"))
    found = explain(tap(badge(schedules=(morning, evening))), NOON, PLAIN_FACTS)
    observations = next(line.observations for line in found.rules if line.title == "schedule")
    assert (observations["weekday"], observations["clock_shows"]) == (2, "12:00")


def test_validity_says_by_which_time_it_is_judged() -> None:
    found = explain(tap(badge(valid_until=utc("2027-04-01 00:00"))), NOON, PLAIN_FACTS)
    observations = next(line.observations for line in found.rules if line.title == "credential_validity")
    assert observations == {
        "valid_from": None,
        "valid_until": "2027-03-31T15:00:00+00:00",
        "judged_by": "2026-11-25T03:00:00+00:00",
        "clock": "trusted",
    }
