"""The facts that the rules of the area show."""

from controller.decision.explain import explain
from controller.model.access import PinResult
from controller.model.rule_book import DoorMode
from controller.model.rules.escort import EscortSetting
from controller.model.rules.staff_mix import StaffMixSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    SV,
    VISITOR,
    many,
    passed,
    site_facts,
    taps,
    who,
)


def test_staff_mix_counts_anyone_who_enters_in() -> None:
    log = (passed("boss", SV), *many(9))
    found = explain(taps(who(AGENCY)), NOON, site_facts(StaffMixSetting(ENFORCE, 10), log=log))
    [mix] = [line for line in found.rules if line.title == "staff_mix"]
    assert mix.decides
    assert mix.observations == {
        "category": "agency",
        "people": 11,
        "supervisors": 1,
        "supervisors_needed": 2,
        "regulars": 10,
        "regulars_needed": 0,
    }


def test_duress_pin_is_not_distinguished_from_the_right_one() -> None:
    facts = site_facts(mode=DoorMode.CARD_PIN)
    seen = [
        next(line for line in explain(taps(pin=pin), NOON, facts).rules if line.title == "pin")
        for pin in (PinResult.RIGHT, PinResult.DURESS)
    ]
    assert seen[0] == seen[1]


def test_nobody_else_is_named_by_what_a_rule_saw() -> None:
    log = (passed("p-boss", SV), *many(3, prefix="p-many"))
    facts = site_facts(EscortSetting(ENFORCE, (VISITOR,), (SV,)), StaffMixSetting(ENFORCE, 10), log=log)
    for line in explain(taps(who(VISITOR)), NOON, facts).rules:
        assert "p-" not in str(dict(line.observations)), line
