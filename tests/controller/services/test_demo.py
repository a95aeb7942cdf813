"""The sample house: its rules refuse nobody, and fit the door it has."""

from controller.model.operators import MACHINE
from controller.model.rule_book import RuleMode
from controller.services import demo, people, rule_books
from controller.services.house import House
from tests.sample_house import NOW


def test_sample_rules_refuse_nobody_and_are_published_once(house: House) -> None:
    demo.publish_rules(house, NOW)
    demo.publish_rules(house, NOW)
    (only,) = rule_books.versions(house, MACHINE)
    book = rule_books.newest(house, MACHINE)
    modes = {rule.mode for area in book.areas.values() for rule in area.rules.values()}
    assert only.version == 1 and modes == {RuleMode.OFF, RuleMode.OBSERVE}


def test_sample_people_are_what_the_sample_rules_ask_for(house: House) -> None:
    demo.fill(house, NOW)
    demo.publish_rules(house, NOW)
    found = people.search(house, MACHINE, NOW).people
    assert {one.standing.category for one in found} == {"sv", "regular", "agency", "temporary"}
    assert rule_books.findings(house, MACHINE, NOW, rule_books.newest(house, MACHINE)) == ()
