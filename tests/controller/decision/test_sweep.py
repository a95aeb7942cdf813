"""Nothing is a setting unless it changes what happens.

The list of rules and the types of their settings drive the sweep: for each field it searches a setting and a
situation in which this field, turned alone, changes what follows. Each property of a person, a category, a
door or an area has a case here.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from controller.decision.access import decide
from controller.decision.decision import Decision
from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import DoorFacts
from controller.decision.presence import Fact
from controller.model.access import AccessRequest, AccessRule, PinResult
from controller.model.credentials import Assurance, Cardholder
from controller.model.moment import Moment
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, Qualification, ScheduledMode
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import NOON, PLAIN_FACTS, WEDNESDAY, after_ms, at, utc, weekly
from tests.controller.decision.situations import (
    AGENCY,
    CATEGORIES,
    ENFORCE,
    ME,
    NDA,
    REGULAR,
    SV,
    VISITOR,
    many,
    passed,
    presence,
    site_facts,
    taps,
    waits,
    went,
    who,
)
from tests.controller.model.rule_samples import candidates, settable, settings

ENTERS, IS_AGENCY, VISITS = taps(), taps(who(AGENCY)), taps(who(VISITOR))
LEAVES = taps(access_point="entrance-out")
YESTERDAY, LATER = at("2026-11-24 12:00"), after_ms(10_000)


@dataclass(frozen=True)
class Situation:
    """A tap at the floor's door ten or twenty seconds after what the log has."""

    request: AccessRequest
    log: tuple[Fact, ...]
    within: str = ""  # the area around the floor
    doors: dict[str, DoorFacts] = dataclasses.field(default_factory=dict)
    now: Moment = LATER

    def follows(self, setting: RuleSetting) -> str:
        """The verdict under this one rule, and all that the tap leads to, records and all."""
        facts = site_facts(setting, log=self.log, doors=self.doors)
        floor = replace(facts.book.areas["floor"], within=self.within)
        facts = replace(facts, book=replace(facts.book, areas={**facts.book.areas, "floor": floor}))
        verdict = decide(self.request, self.now, facts)
        return repr((verdict, Decision(facts).handle(self.request, self.now)))


HISTORIES: tuple[tuple[Fact, ...], ...] = (
    (),
    (passed(ME),),
    (passed(ME, now=YESTERDAY),),
    (passed("p2"),),
    (passed("p2", SV),),
    (passed(ME), passed("p2")),
    (passed(ME), passed("p2", AGENCY)),
    (passed(ME), passed("p2", VISITOR)),
    many(3),
    many(10, AGENCY, "agency"),
    (waits("p2"),),
    (passed(ME, access_point="locker", area=None),),
    (passed(ME, access_point="locker", area=None), went(ME)),
)
# Where a new rule turns on something else, its situation joins these.
SITUATIONS = (
    *(Situation(request, log) for log, request in product(HISTORIES, (ENTERS, IS_AGENCY, VISITS, LEAVES))),
    Situation(ENTERS, (), within="archive"),
    Situation(ENTERS, (), doors={"archive": DoorFacts(is_open=True)}),
    Situation(ENTERS, many(3), now=after_ms(20_000)),
)
SWEEP = "tests/controller/decision/test_sweep.py"
FIELDS = [(rule, one) for rule, kind in SETTINGS.items() for one in settable(kind)]


def changes_something(kind: type[RuleSetting], field: "dataclasses.Field[Any]") -> bool:
    """Whether the field, turned alone, changes in some situation what follows."""
    for situation, setting in product(SITUATIONS, settings(kind, without=field.name)):
        turned: list[Any] = [replace(setting, **{field.name: value}) for value in candidates(field)]
        if len({situation.follows(one) for one in turned}) > 1:
            return True
    return False


@pytest.mark.parametrize(("rule", "field"), FIELDS, ids=[f"{rule}-{one.name}" for rule, one in FIELDS])
def test_each_field_of_each_setting_changes_a_decision(
    rule: RuleName, field: "dataclasses.Field[Any]"
) -> None:
    assert changes_something(SETTINGS[rule], field), (
        f"The setting {field.name} of the rule {rule} changes nothing: use it in controller/decision/rules/"
        f"{rule}.py, or add the situation in which it matters to SITUATIONS in {SWEEP}."
    )


@pytest.mark.parametrize("rule", RuleName)
def test_each_mode_of_each_rule_leads_to_something_else(rule: RuleName) -> None:
    assert any(
        len({situation.follows(replace(setting, mode=mode)) for mode in RuleMode}) == len(RuleMode)
        for situation, setting in product(SITUATIONS, settings(SETTINGS[rule]))
    ), (
        f"Off, observe and enforce lead to the same under the rule {rule}: it refuses in no situation."
        f" Correct controller/decision/rules/{rule}.py, or add a situation to SITUATIONS in {SWEEP}."
    )


# Varied at the site, not in a setting: properties of a person, a category, a door or an area.

QUALIFIED = taps(who(qualifications={"nda": date(2026, 12, 20)}))
Turn = Callable[[bool], object]


def _categories(name: str, **turned: bool) -> dict[str, Category]:
    return {**CATEGORIES, name: replace(CATEGORIES[name], **turned)}


def _door_mode(mode: DoorMode) -> object:
    """Every mode of a door: with and without a PIN, for anyone and for people who may override."""
    facts = site_facts(mode=mode)
    cards = [taps(who(overrides=overrides), pin=pin) for overrides in (False, True) for pin in PinResult]
    return [decide(card, NOON, facts).reason for card in cards]


def _level(turned: bool, **of_the_rule: str) -> object:
    record = who()
    rules = tuple(
        replace(rule, **({name: utc(text) for name, text in of_the_rule.items()} if turned else {}))
        for rule in record.rules
    )
    return decide(taps(replace(record, rules=rules)), NOON, PLAIN_FACTS)


def _area(turned: bool, access_point: str, **of_the_area: tuple[str, ...]) -> object:
    facts = site_facts(OccupancySetting(ENFORCE, 1), log=many(1))
    floor = replace(facts.book.areas["floor"], **(of_the_area if turned else {}))
    book = replace(facts.book, areas={**facts.book.areas, "floor": floor})
    return decide(taps(access_point=access_point), NOON, replace(facts, book=book))


def _nested(within: str) -> object:
    """A person admitted to the archive comes to the entrance."""
    facts = site_facts(AntiPassbackSetting(ENFORCE))
    archive = replace(facts.book.areas["archive"], within=within)
    book = replace(facts.book, areas={**facts.book.areas, "archive": archive})
    inside = replace(passed(ME, access_point="archive-in"), codes=book.passage_codes("archive-in"))
    return decide(ENTERS, NOON, replace(facts, book=book, presence=presence(inside)))


UNLOCKED_AT_NOON = ScheduledMode("Noon", DoorMode.UNLOCKED)


def _mode_now(*scheduled: ScheduledMode, mode: DoorMode = DoorMode.CARD) -> object:
    facts = site_facts()
    entrance = DoorRules("entrance", mode, scheduled)
    schedules = {
        "Noon": weekly((WEDNESDAY, "11:00", "13:00")),
        "Evening": weekly((WEDNESDAY, "18:00", "20:00")),
    }
    in_force = replace(facts, book=replace(facts.book, doors={"entrance": entrance}), schedules=schedules)
    return door_mode_now("entrance", ["entrance-in"], in_force, NOON)


FULL = OccupancySetting(ENFORCE, 1)
TURNED: dict[tuple[type[Any], str], Turn] = {
    (Category, "supervisor"): lambda turned: decide(
        IS_AGENCY,
        NOON,
        site_facts(
            SupervisorPresentSetting(ENFORCE, (AGENCY,)),
            log=(passed("p2", REGULAR),),
            categories=_categories(REGULAR, supervisor=turned),
        ),
    ),
    (Category, "regular"): lambda turned: decide(
        IS_AGENCY,
        NOON,
        site_facts(
            StaffMixSetting(ENFORCE, regular_least=1),
            log=(passed("p2", VISITOR),),
            categories=_categories(VISITOR, regular=turned),
        ),
    ),
    (Qualification, "warn_days"): lambda turned: decide(
        QUALIFIED,
        NOON,
        site_facts(
            QualificationsSetting(ENFORCE, ("nda",)),
            qualification=replace(NDA, warn_days=60 if turned else 14),
        ),
    ),
    (Cardholder, "category"): lambda turned: decide(
        taps(who(SV if turned else AGENCY)), NOON, site_facts(SupervisorPresentSetting(ENFORCE, (AGENCY,)))
    ),
    (Cardholder, "qualifications"): lambda turned: decide(
        QUALIFIED if turned else ENTERS, NOON, site_facts(QualificationsSetting(ENFORCE, ("nda",)))
    ),
    (Cardholder, "overrides"): lambda turned: decide(
        taps(who(overrides=turned)), NOON, site_facts(lockdowns=frozenset({"floor"}))
    ),
    (AccessRule, "valid_from"): lambda turned: _level(turned, valid_from="2026-11-25 12:01"),
    (AccessRule, "valid_until"): lambda turned: _level(turned, valid_until="2026-11-25 12:00"),
    (Area, "entries"): lambda turned: _area(turned, "side-in", entries=("side-in",)),
    (Area, "exits"): lambda turned: _area(turned, "side-out", exits=("side-out",)),
    (Area, "within"): lambda turned: _nested("floor" if turned else ""),
    (Area, "rules"): lambda turned: decide(
        ENTERS, NOON, site_facts(*([FULL] if turned else []), log=many(1))
    ),
    (DoorRules, "rules"): lambda turned: decide(
        ENTERS,
        NOON,
        site_facts(FULL, log=many(1), at_the_door=(OccupancySetting(ENFORCE, 9),) if turned else ()),
    ),
    (DoorRules, "mode"): lambda turned: _mode_now(mode=DoorMode.LOCKED if turned else DoorMode.CARD),
    (DoorRules, "scheduled"): lambda turned: _mode_now(*([UNLOCKED_AT_NOON] if turned else [])),
    (ScheduledMode, "schedule"): lambda turned: _mode_now(
        replace(UNLOCKED_AT_NOON, schedule="Evening" if turned else "Noon")
    ),
    (ScheduledMode, "mode"): lambda turned: _mode_now(
        replace(UNLOCKED_AT_NOON, mode=DoorMode.CARD_PIN if turned else DoorMode.UNLOCKED)
    ),
    (ScheduledMode, "first_person"): lambda turned: _mode_now(
        replace(UNLOCKED_AT_NOON, first_person=(SV,) if turned else ())
    ),
    (AccessRequest, "assurance"): lambda turned: decide(
        taps(assurance=Assurance.MUTUAL_AES if turned else Assurance.NUMBER_ONLY),
        NOON,
        site_facts(AssuranceSetting(ENFORCE, 3)),
    ),
}
# What names a thing, what is judged before the floor, and what the door does by itself.
ELSEWHERE = {
    (Category, "name"),
    (Category, "label_en"),
    (Category, "label_ja"),
    (Qualification, "name"),
    (Qualification, "label_en"),
    (Qualification, "label_ja"),
    (Area, "name"),
    (Area, "label_en"),
    (Area, "label_ja"),
    (DoorRules, "door"),
    (Cardholder, "id"),
    (Cardholder, "name"),
    (Cardholder, "status"),
    (Cardholder, "more_time"),  # how long a door may be open
    (AccessRule, "access_point"),
    (AccessRule, "schedule"),
}


@pytest.mark.parametrize(("kind", "name"), list(TURNED))
def test_what_people_areas_and_doors_have_changes_a_decision(kind: type[Any], name: str) -> None:
    assert TURNED[kind, name](False) != TURNED[kind, name](True)


def test_nothing_they_have_is_without_a_case() -> None:
    for kind in (Category, Qualification, Area, DoorRules, ScheduledMode, Cardholder, AccessRule):
        for one in dataclasses.fields(kind):
            assert (kind, one.name) in set(TURNED) | ELSEWHERE, f"{kind.__name__}.{one.name} has no case"


def test_each_door_mode_means_something_else_to_a_card() -> None:
    """An unlocked door releases by itself; a card there is judged as ever, so that who came in is known."""
    means = {mode: _door_mode(mode) for mode in DoorMode}
    assert means.pop(DoorMode.UNLOCKED) == means[DoorMode.CARD]
    assert len({repr(meaning) for meaning in means.values()}) == len(DoorMode) - 1
