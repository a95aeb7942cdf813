"""The form offers every rule and every setting of it, and would save what it shows."""

import dataclasses

import pytest

from controller.errors import BadInput
from controller.model.operators import MACHINE
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import EVERY_RULE
from tests.controller.model.rule_samples import settable
from tests.web.ruled_site import BOOK
from tests.web.site import ServedSite
from web.frame.visitor import Visitor
from web.rules.fields import Kind
from web.rules.form import SEVERAL, RuleChoice, field_name, form_values, parse_rules, rule_choices
from web.rules.order import FIELDS
from web.words.words import Words

# Names come back in order, so that unticking and ticking a name again changes nothing.
IN_ORDER = {
    rule: dataclasses.replace(
        setting,
        **{f.name: tuple(sorted(getattr(setting, f.name))) for f in FIELDS[rule] if f.kind in SEVERAL},
    )
    for rule, setting in EVERY_RULE.items()
}


def sent(values: dict[str, object]) -> dict[str, list[str]]:
    """As a browser sends it: an empty tick is not sent, an empty text is."""
    ticks = {
        field_name(rule, f.name) for rule, fields in FIELDS.items() for f in fields if f.kind is Kind.TICK
    }
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, list):
            found[name] = [str(one) for one in value]
        elif value or name not in ticks:
            found[name] = [str(value)]
    return found


def test_every_field_of_every_setting_is_on_the_form() -> None:
    for rule, kind in SETTINGS.items():
        wanted = [field.name for field in settable(kind)]
        assert sorted(field.name for field in FIELDS[rule]) == sorted(wanted), (
            f"FIELDS in web/rules/{rule}.py must have the settings of the rule: {', '.join(wanted)}"
        )


def test_what_is_shown_is_what_is_saved() -> None:
    assert parse_rules(sent(dict(form_values(IN_ORDER)))) == IN_ORDER
    assert parse_rules(sent(dict(form_values({})))) == {}


def test_rule_that_is_off_keeps_what_was_typed() -> None:
    off = {rule: dataclasses.replace(setting, mode=RuleMode.OFF) for rule, setting in IN_ORDER.items()}
    assert parse_rules(sent(dict(form_values(off)))) == off


def test_tick_that_is_not_sent_means_no() -> None:
    found = parse_rules({"anti_passback.mode": ["enforce"], "anti_passback.minutes": ["５"]})
    assert found == {RuleName.ANTI_PASSBACK: AntiPassbackSetting(RuleMode.ENFORCE, False, 5)}


def test_choice_that_is_not_offered_is_refused_beside_its_field() -> None:
    with pytest.raises(BadInput) as refused:
        parse_rules({"anti_passback.mode": ["enforce"], "anti_passback.until": ["tomorrow"]})
    assert refused.value.field == "anti_passback.until"
    assert str(refused.value) == "“tomorrow” cannot be chosen here; choose again."


@pytest.mark.parametrize("text", ["five", "-1", "1.5", "999999", "五"])
def test_number_that_is_none_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_rules({"occupancy.mode": ["enforce"], "occupancy.most": [text]})
    assert refused.value.field == "occupancy.most"


def test_rule_that_needs_a_choice_is_refused_without_one_unless_it_is_off() -> None:
    with pytest.raises(BadInput) as refused:
        parse_rules({"prerequisite.mode": ["observe"], "prerequisite.access_point": [""]})
    assert refused.value.field == "prerequisite.access_point"
    assert parse_rules({"prerequisite.mode": ["off"], "prerequisite.access_point": [""]}) == {}


def test_mode_that_is_none_counts_as_not_used() -> None:
    assert parse_rules({"occupancy.mode": ["maybe"], "occupancy.most": ["3"]}) == {}


def choices(served: ServedSite, of_a_door: bool = False) -> dict[RuleName, RuleChoice]:
    asker = Visitor(
        served.site, served.moment, Words.of_site(served.site.config, "en"), "", None, None, MACHINE
    )
    return {one.rule: one for one in rule_choices(asker, BOOK.areas["floor"].rules, of_a_door)}


def test_every_rule_offers_what_there_is(served: ServedSite, ruled: int) -> None:
    found = choices(served)
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


def test_sentence_is_that_of_a_rule_in_use_or_what_one_would_do(served: ServedSite, ruled: int) -> None:
    found = choices(served)
    assert found[RuleName.SUPERVISOR_PRESENT].sentence.startswith("These people cannot enter")
    assert found[RuleName.OCCUPANCY].sentence.startswith("Would admit nobody above")
    assert all(one.sentence for one in found.values())


def test_unset_means_the_areas_rule_on_a_door(served: ServedSite, ruled: int) -> None:
    assert choices(served)[RuleName.OCCUPANCY].modes[0] == ("", "Off")
    assert choices(served, of_a_door=True)[RuleName.OCCUPANCY].modes[0] == ("", "As in the area")


def test_area_offers_off_once_for_a_rule_it_has_and_for_one_it_has_not(
    served: ServedSite, ruled: int
) -> None:
    for rule in (RuleName.OCCUPANCY, RuleName.SUPERVISOR_PRESENT):
        assert [label for _, label in choices(served)[rule].modes] == ["Off", "Observe only", "Enforce"]
    assert choices(served)[RuleName.SUPERVISOR_PRESENT].modes[0] == ("off", "Off")
