"""Numbers, categories and places of an explanation, by the names of the site."""

import pytest

from controller.decision.explain import explain
from controller.decision.facts import Facts
from controller.model.rule_book import RuleBook
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from tests.controller.decision.explained_situations import ALL_RULES
from tests.controller.decision.samples import NOON, at
from tests.controller.decision.situations import (
    ENFORCE,
    ME,
    VISITOR,
    many,
    passed,
    site_facts,
    taps,
    went,
    who,
)
from tests.web.sample_words import sample_words
from web.rules.explained import observation_sentences

FACTS = site_facts(*ALL_RULES, log=(passed("boss", "sv"), *many(9)))
FOUND = explain(taps(who(VISITOR)), NOON, FACTS)


def observed(title: str, book: RuleBook = FACTS.book, language: str = "en") -> str:
    words = sample_words(book, language, str.title)
    [rule] = [rule for rule in FOUND.rules if rule.title == title]
    return " ".join(observation_sentences(title, rule.observations, words))


@pytest.mark.parametrize(
    ("title", "sentences"),
    [
        ("qualifications", "Confidentiality agreement: the person does not have it."),
        (
            "prerequisite",
            "The person has never passed Locker-In. The day of the site began at 2026-11-25 04:00.",
        ),
        ("occupancy", "Inside: 10, entering: 1, at most: 40."),
        ("interlock", "Closed: Archive."),
        ("anti_passback", "The log has no entry of this person. No second entry within 5 min."),
    ],
)
def test_each_rule_says_what_it_counted(title: str, sentences: str) -> None:
    assert observed(title) == sentences


def test_missed_tap_that_no_longer_counts_and_an_exit_that_asks_again_are_reported() -> None:
    locked = passed(ME, access_point="locker-in", area=None)
    again = PrerequisiteSetting(ENFORCE, "locker-in", PrerequisiteSince.LAST_EXIT)
    yesterday = passed(ME, now=at("2026-11-24 09:00"))
    facts = site_facts(again, AntiPassbackSetting(ENFORCE), log=(yesterday, locked, went(ME)))
    assert observed_in("prerequisite", facts).endswith(
        "The person last left at 2026-11-25 12:00 and must have passed Locker-In since."
    )
    facts = site_facts(AntiPassbackSetting(ENFORCE), log=(yesterday,))
    assert observed_in("anti_passback", facts) == (
        "Inside since 2026-11-24 09:00, according to the log. The day of the site began at 2026-11-25 04:00. "
        "Therefore the missed tap out no longer counts."
    )
    never = site_facts(AntiPassbackSetting(ENFORCE, until=PassbackUntil.NEVER), log=(yesterday,))
    assert observed_in("anti_passback", never) == "Inside since 2026-11-24 09:00, according to the log."


def observed_in(title: str, facts: Facts) -> str:
    [rule] = [one for one in explain(taps(), NOON, facts).rules if one.title == title]
    words = sample_words(facts.book, called=str.title)
    return " ".join(observation_sentences(title, rule.observations, words))


def test_staff_mix_says_how_many_there_are_and_must_be() -> None:
    assert observed("staff_mix") == (
        "With this person, 11 who entered on the same day are inside. Supervisors: 1, needed: 2. "
        "Regular staff: 10, needed: 4. "
        "The person's category: Visitor."
    )


def test_category_is_called_as_the_book_says_and_by_its_name_where_that_is_gone() -> None:
    assert "来客" in observed("staff_mix", language="ja")
    assert observed("staff_mix", RuleBook()).endswith("category: visitor.")
