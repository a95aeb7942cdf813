"""Every answer, note and observation has words in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.config import Config, load
from controller.decision.explain import explain
from controller.decision.facts import Facts
from controller.model.access import AccessRecord, AccessRequest, AccessRule, Direction
from controller.model.credentials import CredentialStatus
from controller.model.rules.dual_access import DualAccessSetting
from controller.services.explain.person import Explained, ExplainNote, RuleResult
from tests.controller.decision.explained_situations import situations
from tests.controller.decision.samples import ALWAYS, NOON, PLAIN_FACTS, badge, tap, utc, weekly
from tests.controller.decision.situations import ENFORCE, site_facts, taps
from tests.sample_site import CONFIG
from web.rules.explained import NOTES, RULE_RESULTS, RuleRow, notes, rule_rows, verdict
from web.words.words import Words


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "genkan.toml").write_text(CONFIG, "utf-8")
    return load(tmp_path / "genkan.toml")


def explained(request: AccessRequest, facts: Facts = PLAIN_FACTS) -> Explained:
    found = explain(request, NOON, facts)
    return Explained(
        "p",
        "山田 花子",
        "BEEF",
        request.door,
        request.access_point,
        request.direction,
        NOON,
        facts.book,
        found,
        tuple(ExplainNote),
    )


def test_every_answer_and_note_has_words() -> None:
    assert set(RULE_RESULTS) == set(RuleResult)
    assert set(NOTES) == set(ExplainNote)
    for key in (*RULE_RESULTS.values(), *NOTES.values()):
        assert Words("ja").translate(key) != key


def records() -> Iterator[AccessRecord | None]:
    yield None
    yield badge()
    yield badge(status=CredentialStatus.LOST, schedules=())
    yield badge(valid_from=utc("2026-01-01 00:00"), valid_until=utc("2027-01-01 00:00"))
    record = badge()
    for times in ({"valid_until": utc("2026-01-01 00:00")}, {"valid_from": utc("2027-01-01 00:00")}):
        yield replace(record, rules=(replace(record.rules[0], **times),))
    yield badge(schedules=(ALWAYS, weekly((0, "09:00", "10:00"))))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_anything_that_a_rule_saw_is_reported(language: str, config: Config) -> None:
    explanations = [explained(tap(record)) for record in records()]
    explanations += [explained(request, facts) for request, facts in situations()]
    words = Words.of_site(config, language)
    for one in explanations:
        for row, rule in zip(rule_rows(one, words), one.explanation.rules, strict=True):
            assert row.title
            assert row.result
            assert bool(row.observations) == bool(rule.observations), rule
            assert "{" not in row.observations + row.result


def row(one: Explained, title: str, config: Config) -> RuleRow:
    return next(row for row in rule_rows(one, Words.of_site(config, "en")) if row.title == title)


def test_level_that_does_not_hold_is_explained_with_its_date(config: Config) -> None:
    ended, later = datetime(2026, 11, 24, 15, 0, tzinfo=UTC), datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    record = badge()
    [rule] = record.rules

    def seen(*rules: AccessRule) -> tuple[str, str]:
        one = row(explained(tap(replace(record, rules=rules))), "Access level", config)
        return one.result, one.observations

    past, coming = replace(rule, valid_until=ended), replace(rule, valid_from=later)
    sentence, observations = seen(past)
    assert sentence == "Refuses: The access level for this door has ended"
    assert observations == "The access level for this access point ended at 2026-11-25 00:00."
    sentence, observations = seen(coming)
    assert sentence == "Refuses: The access level for this door is not valid yet"
    assert observations == "The access level for this access point begins at 2026-11-30 09:30."
    sentence, observations = seen(past, coming)
    assert sentence.endswith("has ended") and "ended at" in observations and "begins at" in observations


def test_leaving_is_allowed_in_words_regardless_of_the_rules(config: Config) -> None:
    lost = badge(status=CredentialStatus.LOST)
    assert verdict(explained(tap(lost)), Words("en")) == "Cannot enter: Badge reported lost"
    leaving = explained(tap(lost, Direction.OUT))
    assert (
        verdict(leaving, Words("en"))
        == "May leave, because leaving is always allowed; noted: Badge reported lost"
    )
    assert not any(
        row.decides or row.mood == "bad" for row in rule_rows(leaving, Words.of_site(config, "en"))
    )
    assert len(notes(leaving, Words("ja"))) == len(ExplainNote)


def test_first_of_two_waits_and_is_not_refused(config: Config) -> None:
    found = explained(taps(), site_facts(DualAccessSetting(ENFORCE, 15)))
    assert verdict(found, Words("en")) == "Waits for a second person, then both can enter."
    assert verdict(found, Words("ja")) == "2人目のタッチを待ち、2人で入室します。"
    [row] = [one for one in rule_rows(found, Words.of_site(config, "en")) if one.decides]
    assert (row.result, row.mood) == ("Waits for a second person", "calm")
