"""People, rules and what the log says of earlier taps; each test names only what it changes.

The floor is entered by `entrance-in` and left by `entrance-out`; the archive is a second area.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from controller.decision.facts import DoorFacts, Facts
from controller.decision.presence import Fact, Presence
from controller.model.access import AccessRecord, AccessRequest, Direction, PinResult
from controller.model.credentials import Assurance
from controller.model.moment import Moment
from controller.model.readings import CardReading
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, Qualification, RuleBook
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.unproved import Unproved
from tests.controller.decision.samples import NOON, TOKYO, badge, tap

ENFORCE, OBSERVE, OFF = RuleMode.ENFORCE, RuleMode.OBSERVE, RuleMode.OFF
SV, REGULAR, AGENCY, VISITOR = "sv", "regular", "agency", "visitor"
CATEGORIES = {
    SV: Category(SV, "Supervisor", "SV", supervisor=True, regular=True),
    REGULAR: Category(REGULAR, "Regular staff", "社員", regular=True),
    AGENCY: Category(AGENCY, "Agency staff", "派遣"),
    VISITOR: Category(VISITOR, "Visitor", "来客"),
}
NDA = Qualification("nda", "Confidentiality agreement", "秘密保持誓約", 14)
ME = "p-71ab"
YESTERDAY = replace(NOON, utc=NOON.utc - timedelta(days=1), mono_ms=0)


def who(
    category: str | None = REGULAR,
    person: str = ME,
    *,
    overrides: bool = False,
    qualifications: Mapping[str, date] | None = None,
    access_point: str = "entrance-in",
    **of_the_badge: Any,
) -> AccessRecord:
    record = badge(access_point=access_point, **of_the_badge)
    holder = replace(
        record.cardholder,
        id=person,
        category=category,
        overrides=overrides,
        qualifications=tuple((qualifications or {}).items()),
    )
    return replace(record, cardholder=holder, credential=replace(record.credential, id=f"c-{person}"))


def taps(
    record: AccessRecord | None = None,
    access_point: str = "entrance-in",
    *,
    pin: PinResult = PinResult.NONE,
    assurance: Assurance = Assurance.NUMBER_ONLY,
    unproved: Unproved | None = None,
    reading: CardReading | None = None,
) -> AccessRequest:
    """The name of the access point says its door and its direction; the badge may pass there."""
    direction = Direction.OUT if access_point.endswith("-out") else Direction.IN
    found = who() if record is None else record
    found = replace(found, rules=tuple(replace(rule, access_point=access_point) for rule in found.rules))
    return replace(
        tap(found, direction),
        access_point=access_point,
        door=access_point.removesuffix("-in").removesuffix("-out"),
        pin=pin,
        assurance=assurance,
        unproved=unproved,
        reading=reading,
    )


def book(
    *settings: RuleSetting,
    at_the_door: tuple[RuleSetting, ...] = (),
    qualification: Qualification = NDA,
    categories: Mapping[str, Category] = CATEGORIES,
) -> RuleBook:
    return RuleBook(
        1,
        {
            "floor": Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",), named(settings)),
            "archive": Area("archive", "Archive", "書庫", ("archive-in",), ("archive-out",)),
        },
        {"entrance": DoorRules("entrance", rules=named(at_the_door))},
        categories,
        {qualification.name: qualification},
    )


def named(settings: tuple[RuleSetting, ...]) -> dict[RuleName, RuleSetting]:
    names = {kind: name for name, kind in SETTINGS.items()}
    return {names[type(one)]: one for one in settings}


DOOR_OF = {f"{door}-{way}": door for door in ("entrance", "archive", "side") for way in ("in", "out")}


def site_facts(
    *settings: RuleSetting,
    log: tuple[Fact, ...] = (),
    doors: Mapping[str, DoorFacts] | None = None,
    mode: DoorMode = DoorMode.CARD,
    lockdowns: frozenset[str] = frozenset(),
    **of_the_book: Any,
) -> Facts:
    all_doors = {"entrance": DoorFacts(mode), **(doors or {})}
    rules = book(*settings, **of_the_book)
    return Facts(TOKYO, rules, presence(*log), lockdowns, all_doors, door_of=DOOR_OF)


def presence(*log: Fact) -> Presence:
    """Numbered in the order of the arguments."""
    found = Presence()
    for seq, fact in enumerate(log, 1):
        found.apply(replace(fact, seq=seq))
    return found


def passed(
    person: str,
    category: str | None = REGULAR,
    now: Moment = NOON,
    access_point: str = "entrance-in",
    area: str | None = "floor",
) -> Fact:
    """A person admitted earlier; with area None, at an access point without an area, such as a locker."""
    codes = {"area": area, "category": category}
    return Fact(
        0,
        "access_granted",
        now.utc,
        now.boot,
        now.mono_ms,
        access_point=access_point,
        direction="in",
        person=person,
        codes={key: value for key, value in codes.items() if value is not None},
    )


def went(person: str, now: Moment = NOON) -> Fact:
    fact = passed(person, None, now, "entrance-out", None)
    return replace(fact, direction="out", codes={"left": "floor"})


def waits(person: str, category: str = REGULAR, now: Moment = NOON) -> Fact:
    """The first of two, who waits for a second person."""
    fact = passed(person, category, now, area=None)
    return replace(fact, type="access_waiting", reason="second_person_needed")


def forgiven(person: str, now: Moment = NOON) -> Fact:
    codes = {"action": "forgiven", "object_type": "person", "object_id": person}
    return Fact(0, "operator_action", now.utc, now.boot, now.mono_ms, codes=codes)


def many(count: int, category: str = REGULAR, prefix: str = "many") -> tuple[Fact, ...]:
    return tuple(passed(f"{prefix}-{number}", category) for number in range(count))
