"""Every setting of every rule can be typed, and what is shown is what would be saved again."""

import dataclasses

import pytest

from controller.errors import BadInput
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import EVERY_RULE
from web.rules.fields import Kind
from web.rules.form import SEVERAL, field_name, form_values, parse_rules
from web.rules.order import FIELDS

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
        wanted = {field.name for field in dataclasses.fields(kind)} - {"mode"}
        assert {field.name for field in FIELDS[rule]} == wanted


def test_what_is_shown_is_what_is_saved() -> None:
    assert parse_rules(sent(dict(form_values(IN_ORDER)))) == IN_ORDER
    assert parse_rules(sent(dict(form_values({})))) == {}


def test_rule_that_is_off_keeps_what_was_typed() -> None:
    off = {rule: dataclasses.replace(setting, mode=RuleMode.OFF) for rule, setting in IN_ORDER.items()}
    assert parse_rules(sent(dict(form_values(off)))) == off


def test_tick_that_is_not_sent_is_no() -> None:
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
