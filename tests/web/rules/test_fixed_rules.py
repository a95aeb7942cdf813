"""The rules that always apply have titles and sentences, with the times and names of the site."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller.decision.access import RULES
from controller.decision.explain import LEAVING, explain
from controller.decision.facts import SITE, Facts
from controller.model.access import AccessRequest, PinResult
from controller.model.rule_book import DoorMode
from tests.controller.decision.samples import ALWAYS, NOON, PLAIN_FACTS, badge, tap
from tests.controller.decision.situations import site_facts, taps
from tests.web.sample_words import sample_words
from web.rules.fixed_rules import SENTENCES, TITLES
from web.words.words import Words


def observations(title: str, request: AccessRequest, facts: Facts = PLAIN_FACTS, language: str = "en") -> str:
    [rule] = [one for one in explain(request, NOON, facts).rules if one.title == title]
    return " ".join(SENTENCES[title](rule.observations, sample_words(facts.book, language)))


def test_each_rule_outside_the_rule_book_has_a_title_and_a_sentence() -> None:
    always = {rule.title for rule in RULES if rule.name is None} | {LEAVING}
    assert always == set(TITLES) == set(SENTENCES)
    assert [key for key in TITLES.values() if Words("ja").translate(key) == key] == []


def test_sentences_name_times_of_the_site() -> None:
    until = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)
    request = tap(badge(valid_until=until, schedules=(replace(ALWAYS, name="always"),)))
    assert observations("credential_validity", request) == "Valid until 2027-04-01 00:00."
    assert observations("schedule", request) == "It is Wednesday, 12:00. Open now: always."


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "There is a lockdown here: the whole site, Floor."),
        ("ja", "ロックダウン中です：施設全体、フロア。"),
    ],
)
def test_lockdown_names_its_places(language: str, sentence: str) -> None:
    locked = site_facts(lockdowns=frozenset({SITE, "floor", "archive"}))
    assert observations("lockdown", taps(), locked, language) == sentence
    assert observations("lockdown", taps(), site_facts()) == "There is no lockdown here."


@pytest.mark.parametrize("pin", PinResult)
def test_each_result_of_a_pin_has_a_sentence(pin: PinResult) -> None:
    assert "PIN" in observations("pin", taps(pin=pin), site_facts(mode=DoorMode.CARD_PIN))
    assert observations("pin", taps(pin=pin), site_facts()) == "The door requires no PIN."
