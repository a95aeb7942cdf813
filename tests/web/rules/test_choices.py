"""The form offers every rule, with the choices of this site and what the rule does now."""

from controller.model.operators import MACHINE
from controller.model.rules.order import RuleName
from tests.web.ruled_site import BOOK
from tests.web.site import ServedSite
from web.frame.visitor import Visitor
from web.rules.choices import RuleChoice, rule_choices


def choices(site: ServedSite, of_a_door: bool = False) -> dict[RuleName, RuleChoice]:
    asker = Visitor(site.house, site.moment, "en", "", None, None, MACHINE)
    return {one.rule: one for one in rule_choices(asker, BOOK.areas["floor"].rules, of_a_door)}


def test_every_rule_offers_what_there_is(site: ServedSite, ruled: int) -> None:
    found = choices(site)
    assert set(found) == set(RuleName)
    point, since = found[RuleName.PREREQUISITE].fields
    assert [name for name, _ in point.options] == ["entrance-in", "entrance-out"]
    assert since.options == [("day", "Once a day"), ("last_exit", "Again after each exit")]
    assert [value for value, _ in found[RuleName.ANTI_PASSBACK].fields[1].options] == ["day_ends", "never"]
    (doors,) = found[RuleName.INTERLOCK].fields
    assert [name for name, _ in doors.options] == ["entrance"]
    (categories,) = found[RuleName.SUPERVISOR_PRESENT].fields
    assert ("agency", "Agency staff") in categories.options
    (proof,) = found[RuleName.ASSURANCE].fields
    assert [value for value, _ in proof.options] == ["1", "2", "3"]


def test_sentence_is_that_of_a_rule_in_use_or_what_one_would_do(site: ServedSite, ruled: int) -> None:
    found = choices(site)
    assert found[RuleName.SUPERVISOR_PRESENT].sentence.startswith("These people cannot enter")
    assert found[RuleName.OCCUPANCY].sentence.startswith("Would admit nobody above")
    assert all(one.sentence for one in found.values())


def test_unset_means_the_areas_rule_on_a_door(site: ServedSite, ruled: int) -> None:
    assert choices(site)[RuleName.OCCUPANCY].modes[0] == ("", "Off")
    assert choices(site, of_a_door=True)[RuleName.OCCUPANCY].modes[0] == ("", "As in the area")


def test_area_offers_off_once_for_a_rule_it_has_and_for_one_it_has_not(site: ServedSite, ruled: int) -> None:
    for rule in (RuleName.OCCUPANCY, RuleName.SUPERVISOR_PRESENT):
        assert [label for _, label in choices(site)[rule].modes] == ["Off", "Observe only", "Enforce"]
    assert choices(site)[RuleName.SUPERVISOR_PRESENT].modes[0] == ("off", "Off")
