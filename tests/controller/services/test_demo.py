"""The sample data: the rules refuse nobody, and fit the door."""

import re
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.rules.setting import RuleMode
from controller.services import demo
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.sample_site import NOW

ROOT = Path(__file__).parents[3]


def test_sample_rules_refuse_nobody_and_are_published_once(site: Site) -> None:
    demo.publish_rules(site, NOW)
    demo.publish_rules(site, NOW)
    (only,) = rule_books.versions(site.acting(MACHINE))
    book = rule_books.newest(site.acting(MACHINE))
    modes = {rule.mode for area in book.areas.values() for rule in area.rules.values()}
    assert only.version == 1 and modes == {RuleMode.OFF, RuleMode.OBSERVE}


def test_sample_people_are_what_the_sample_rules_ask_for(site: Site) -> None:
    demo.fill(site, NOW)
    demo.publish_rules(site, NOW)
    found = people.search(Acting(site, MACHINE, NOW)).people
    assert {one.standing.category for one in found} == {"sv", "regular", "agency", "temporary"}
    assert rule_books.findings(Acting(site, MACHINE, NOW), rule_books.newest(site.acting(MACHINE))) == ()


def test_english_demo_has_names_in_latin_letters(site: Site) -> None:
    demo.fill(site, NOW, "en")
    demo.publish_rules(site, NOW)
    found = people.search(Acting(site, MACHINE, NOW)).people
    assert {one.name for one in found} == {"Hanako Sato", "Taro Sato", "Ai Suzuki", "Ken Takahashi"}
    assert all(one.name.isascii() and not one.kana and one.standing.category for one in found)


@pytest.mark.parametrize(
    ("language", "page"), [("en", "rules.md"), ("ja", "rules.ja.md"), ("en", "command-line.md")]
)
def test_people_in_the_examples_of_the_documents_are_sample_people(
    site: Site, language: str, page: str
) -> None:
    demo.fill(site, NOW, language)
    named = re.findall(r'--person "([^"]+)"', (ROOT / "docs" / page).read_text("utf-8"))
    assert named
    for name in named:
        assert len(people.named(Acting(site, MACHINE, NOW), name)) == 1, name


def test_japanese_demo_has_japanese_samples(site: Site) -> None:
    demo.fill(site, NOW, "ja")
    demo.publish_rules(site, NOW)
    found = people.search(Acting(site, MACHINE, NOW)).people
    names = [one.name for one in found]
    names += [one.name for one in levels.all_levels(Acting(site, MACHINE, NOW))]
    names += [one.name for one in schedules.all_schedules(Acting(site, MACHINE, NOW)) if not one.always]
    assert len(names) == 7
    assert all(not re.search("[A-Za-z]", name) for name in names), names
    assert all(one.standing.category and one.kana for one in found)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": ""}, "en"),
    ],
)
def test_language_of_the_samples_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert demo.language_of(environment) == language
