"""Nothing is a setting unless it changes what happens.

Each field of each setting is turned, alone, in a situation where it matters, and what follows must differ. A
field without a case here fails; so does a rule mode, a door mode, a flag of a category …
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from controller.decision.access import Verdict, decide
from controller.decision.decision import Decision
from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import DoorFacts, Facts
from controller.decision.presence import Fact
from controller.model.access import AccessRequest, AccessRule, PinResult
from controller.model.actions import DecisionAction
from controller.model.credentials import Assurance, Cardholder
from controller.model.moment import Moment
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, Qualification, ScheduledMode
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import HOUSE, NOON, WEDNESDAY, after_ms, at, utc, weekly
from tests.controller.decision.situations import (
    AGENCY,
    CATEGORIES,
    ENFORCE,
    ME,
    NDA,
    OBSERVE,
    OFF,
    REGULAR,
    SV,
    VISITOR,
    house,
    many,
    passed,
    presence,
    taps,
    waits,
    went,
    who,
)

LATER = after_ms(10_000)
YESTERDAY = at("2026-11-24 12:00")
OPEN = {"archive": DoorFacts(is_open=True)}
TEN_AGENCY = many(10, AGENCY, "agency")


@dataclass(frozen=True)
class Case:
    """A setting in a situation where `turned`, instead of what the setting has, must make a difference."""

    setting: RuleSetting
    turned: dict[str, Any] = field(default_factory=dict)
    request: AccessRequest = field(default_factory=taps)
    log: tuple[Fact, ...] = ()
    now: Moment = LATER
    doors: dict[str, DoorFacts] = field(default_factory=dict)
    within: str = ""  # the area around the one that is entered

    def judged(self, **turned: Any) -> Verdict:
        return decide(self.request, self.now, self.house(**turned))

    def follows(self, **turned: Any) -> list[DecisionAction]:
        """All that the tap leads to, records and all."""
        return Decision(self.house(**turned)).handle(self.request, self.now)

    def house(self, **turned: Any) -> Facts:
        setting: Any = replace(self.setting, **turned)
        facts = house(setting, log=self.log, doors=self.doors)
        floor = replace(facts.book.areas["floor"], within=self.within)
        return replace(facts, book=replace(facts.book, areas={**facts.book.areas, "floor": floor}))


ENTERS, IS_AGENCY, VISITS = taps(), taps(who(AGENCY)), taps(who(VISITOR))
# The first case of each rule refuses, so that its mode is turned there.
CASES: tuple[Case, ...] = (
    Case(AssuranceSetting(ENFORCE, 2), {"least": 0}),
    Case(QualificationsSetting(ENFORCE, ("nda",)), {"required": ()}),
    Case(
        PrerequisiteSetting(ENFORCE, "locker"),
        {"access_point": "gate"},
        log=(passed(ME, access_point="gate", area=None),),
    ),
    Case(
        PrerequisiteSetting(ENFORCE, "locker"),
        {"since": PrerequisiteSince.LAST_EXIT},
        log=(passed(ME, access_point="locker", area=None), went(ME)),
    ),
    Case(AntiPassbackSetting(ENFORCE, True, 0), {"area": False}, log=(passed(ME),)),
    Case(AntiPassbackSetting(ENFORCE), {"until": PassbackUntil.NEVER}, log=(passed(ME, now=YESTERDAY),)),
    Case(AntiPassbackSetting(ENFORCE), {"outer_first": True}, within="archive"),
    Case(AntiPassbackSetting(ENFORCE, False, 5), {"minutes": 0}, log=(passed(ME),)),
    Case(FirstPersonInSetting(ENFORCE, (SV,)), {"categories": (REGULAR,)}),
    Case(SupervisorPresentSetting(ENFORCE, (AGENCY,)), {"categories": (VISITOR,)}, IS_AGENCY),
    Case(EscortSetting(ENFORCE, (VISITOR,), (SV,), 30), {"categories": ()}, VISITS),
    Case(EscortSetting(ENFORCE, (VISITOR,), (SV,), 30), {"escorts": (REGULAR,)}, VISITS, (passed("p2"),)),
    Case(EscortSetting(ENFORCE, (VISITOR,), (SV,), 30), {"seconds": 5}, VISITS, (passed("p2", SV),)),
    Case(StaffMixSetting(ENFORCE, people_per_supervisor=5), {"people_per_supervisor": 0}, log=TEN_AGENCY),
    Case(StaffMixSetting(ENFORCE, regular_percent=50), {"regular_percent": 0}, IS_AGENCY, TEN_AGENCY),
    Case(StaffMixSetting(ENFORCE, regular_least=1), {"regular_least": 0}, IS_AGENCY),
    Case(
        StaffMixSetting(ENFORCE, regular_least=1),
        {"alarm": True},
        taps(access_point="entrance-out"),
        (passed(ME), passed("p2", AGENCY)),
    ),
    Case(OccupancySetting(ENFORCE, most=10), {"most": 11}, log=TEN_AGENCY),
    Case(
        OccupancySetting(ENFORCE, least=2),
        {"least": 1},
        taps(access_point="entrance-out"),
        (passed(ME), passed("p2")),
    ),
    Case(
        OccupancySetting(ENFORCE, least=2),
        {"alarm": True},
        taps(access_point="entrance-out"),
        (passed(ME), passed("p2")),
    ),
    Case(InterlockSetting(ENFORCE, ("archive",)), {"doors": ("garden",)}, doors=OPEN),
    Case(DualAccessSetting(ENFORCE, 15, 5), {"unless_inside": 3}, log=many(3), now=after_ms(20_000)),
    Case(DualAccessSetting(ENFORCE, 15), {"seconds": 5}, log=(waits("p2"),)),
)
FIELDS = [
    (kind, one.name) for kind in SETTINGS.values() for one in dataclasses.fields(kind) if one.name != "mode"
]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_each_field_of_each_setting_changes_a_decision(kind: type[Any], name: str) -> None:
    cases = [one for one in CASES if type(one.setting) is kind and set(one.turned) == {name}]
    assert cases, f"{kind.__name__}.{name} has no case: it may be a setting that changes nothing"
    for case in cases:
        judged, turned = case.judged(), case.judged(**case.turned)
        assert judged != turned or case.follows() != case.follows(**case.turned)


@pytest.mark.parametrize("kind", SETTINGS.values())
def test_each_mode_of_each_rule_leads_to_something_else(kind: type[Any]) -> None:
    case = next(one for one in CASES if type(one.setting) is kind)
    follows = [repr(case.follows(mode=mode)) for mode in RuleMode]
    assert len(set(follows)) == len(RuleMode) == len((OFF, OBSERVE, ENFORCE))


def test_lower_bound_of_occupancy_is_off_with_its_rule() -> None:
    lower = next(one for one in CASES if isinstance(one.setting, OccupancySetting) and one.setting.least)
    assert lower.follows() != lower.follows(mode=OFF)


# Varied at the site, not in a setting: properties of a person, a category, a door or an area.

QUALIFIED = taps(who(qualifications={"nda": date(2026, 12, 20)}))
Turn = Callable[[bool], object]


def _categories(name: str, **turned: bool) -> dict[str, Category]:
    return {**CATEGORIES, name: replace(CATEGORIES[name], **turned)}


def _door_mode(mode: DoorMode) -> object:
    """Every mode of a door: with and without a PIN, for anyone and for people who may override."""
    facts = house(mode=mode)
    cards = [taps(who(overrides=overrides), pin=pin) for overrides in (False, True) for pin in PinResult]
    return [decide(card, NOON, facts).reason for card in cards]


def _level(turned: bool, **of_the_rule: str) -> object:
    record = who()
    rules = tuple(
        replace(rule, **({name: utc(text) for name, text in of_the_rule.items()} if turned else {}))
        for rule in record.rules
    )
    return decide(taps(replace(record, rules=rules)), NOON, HOUSE)


def _area(turned: bool, access_point: str, **of_the_area: tuple[str, ...]) -> object:
    facts = house(OccupancySetting(ENFORCE, 1), log=many(1))
    floor = replace(facts.book.areas["floor"], **(of_the_area if turned else {}))
    book = replace(facts.book, areas={**facts.book.areas, "floor": floor})
    return decide(taps(access_point=access_point), NOON, replace(facts, book=book))


def _nested(within: str) -> object:
    """A person admitted to the archive comes to the entrance."""
    facts = house(AntiPassbackSetting(ENFORCE))
    archive = replace(facts.book.areas["archive"], within=within)
    book = replace(facts.book, areas={**facts.book.areas, "archive": archive})
    inside = replace(passed(ME, access_point="archive-in"), codes=book.passage_codes("archive-in"))
    return decide(ENTERS, NOON, replace(facts, book=book, presence=presence(inside)))


UNLOCKED_AT_NOON = ScheduledMode("Noon", DoorMode.UNLOCKED)


def _mode_now(*scheduled: ScheduledMode, mode: DoorMode = DoorMode.CARD) -> object:
    facts = house()
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
        house(
            SupervisorPresentSetting(ENFORCE, (AGENCY,)),
            log=(passed("p2", REGULAR),),
            categories=_categories(REGULAR, supervisor=turned),
        ),
    ),
    (Category, "regular"): lambda turned: decide(
        IS_AGENCY,
        NOON,
        house(
            StaffMixSetting(ENFORCE, regular_least=1),
            log=(passed("p2", VISITOR),),
            categories=_categories(VISITOR, regular=turned),
        ),
    ),
    (Qualification, "warn_days"): lambda turned: decide(
        QUALIFIED,
        NOON,
        house(
            QualificationsSetting(ENFORCE, ("nda",)),
            qualification=replace(NDA, warn_days=60 if turned else 14),
        ),
    ),
    (Cardholder, "category"): lambda turned: decide(
        taps(who(SV if turned else AGENCY)), NOON, house(SupervisorPresentSetting(ENFORCE, (AGENCY,)))
    ),
    (Cardholder, "qualifications"): lambda turned: decide(
        QUALIFIED if turned else ENTERS, NOON, house(QualificationsSetting(ENFORCE, ("nda",)))
    ),
    (Cardholder, "overrides"): lambda turned: decide(
        taps(who(overrides=turned)), NOON, house(lockdowns=frozenset({"floor"}))
    ),
    (AccessRule, "valid_from"): lambda turned: _level(turned, valid_from="2026-11-25 12:01"),
    (AccessRule, "valid_until"): lambda turned: _level(turned, valid_until="2026-11-25 12:00"),
    (Area, "entries"): lambda turned: _area(turned, "side-in", entries=("side-in",)),
    (Area, "exits"): lambda turned: _area(turned, "side-out", exits=("side-out",)),
    (Area, "within"): lambda turned: _nested("floor" if turned else ""),
    (Area, "rules"): lambda turned: decide(ENTERS, NOON, house(*([FULL] if turned else []), log=many(1))),
    (DoorRules, "rules"): lambda turned: decide(
        ENTERS,
        NOON,
        house(FULL, log=many(1), at_the_door=(OccupancySetting(ENFORCE, 9),) if turned else ()),
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
        house(AssuranceSetting(ENFORCE, 3)),
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
