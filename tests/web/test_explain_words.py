"""Every answer and every note of an explanation has words in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.decision.access import RULES
from controller.decision.explain import explain
from controller.model.access import AccessRecord, Direction
from controller.model.credentials import CredentialStatus
from controller.services.explain import Explained, Note, Said
from tests.controller.decision.samples import ALWAYS, HOUSE, NOON, badge, tap, utc, weekly
from web.explain_notes import NOTES
from web.explain_words import SAID, TITLES, notes, rule_rows, verdict
from web.language import say

ZONE = ZoneInfo("Asia/Tokyo")


def explained(record: AccessRecord | None, direction: Direction = Direction.IN) -> Explained:
    found = explain(tap(record, direction), NOON, HOUSE)
    return Explained(
        "p", "山田 花子", "BEEF", "entrance", "entrance-in", direction, NOON, 0, found, tuple(Note)
    )


def test_every_answer_note_and_rule_has_words() -> None:
    assert set(SAID) == set(Said)
    assert set(NOTES) == set(Note)
    assert {rule.title for rule in RULES if rule.name is None} == set(TITLES)
    for key in (*SAID.values(), *NOTES.values(), *TITLES.values()):
        assert say("ja", key) != key


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "record",
    [
        None,
        badge(),
        badge(status=CredentialStatus.LOST, schedules=()),
        badge(valid_from=utc("2026-01-01 00:00"), valid_until=utc("2027-01-01 00:00")),
        badge(schedules=(ALWAYS, weekly((0, "09:00", "10:00")))),
    ],
)
def test_every_rule_says_what_it_saw(language: str, record: AccessRecord | None) -> None:
    for row in rule_rows(explained(record), language, ZONE):
        assert row.title
        assert row.said
        assert "{" not in row.saw + row.said


def test_sentences_name_times_of_the_site() -> None:
    rows = rule_rows(explained(badge(valid_until=datetime(2027, 3, 31, 15, 0, tzinfo=UTC))), "en", ZONE)
    assert "Valid until 2027-04-01 00:00." in {row.saw for row in rows}
    assert "It is Wednesday, 12:00. Open now: always." not in {row.saw for row in rows[:-1]}


def test_leaving_is_allowed_in_words_whatever_the_rules_say() -> None:
    lost = badge(status=CredentialStatus.LOST)
    assert verdict(explained(lost), "en") == "Would be refused: Badge reported lost"
    leaving = explained(lost, Direction.OUT)
    assert verdict(leaving, "en") == "May leave, as everybody may; noted: Badge reported lost"
    assert not any(row.decides or row.mood == "bad" for row in rule_rows(leaving, "en", ZONE))
    assert len(notes(leaving, "ja")) == len(Note)
