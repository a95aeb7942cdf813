"""People at doors under all rules together, in many states of the site, for tests of explanations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from controller.decision.facts import SITE, DoorFacts, Facts
from controller.decision.presence import Fact
from controller.model.access import AccessRequest, PinResult
from controller.model.rule_book import DoorMode
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS
from controller.model.rules.prerequisite import PrerequisiteSetting
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    OBSERVE,
    REGULAR,
    SV,
    VISITOR,
    many,
    passed,
    site_facts,
    taps,
    waits,
    went,
    who,
)
from tests.controller.model.rule_samples import sample

_CHOSEN: tuple[RuleSetting, ...] = (
    AssuranceSetting(OBSERVE, 2),
    QualificationsSetting(ENFORCE, ("nda",)),
    PrerequisiteSetting(ENFORCE, "locker-in"),
    AntiPassbackSetting(ENFORCE, True, 5),
    FirstPersonInSetting(ENFORCE, (SV,)),
    SupervisorPresentSetting(ENFORCE, (AGENCY,)),
    EscortSetting(ENFORCE, (VISITOR,), (SV, REGULAR)),
    StaffMixSetting(ENFORCE, 10, 30, 1),
    OccupancySetting(ENFORCE, 40, 2),
    InterlockSetting(OBSERVE, ("archive",)),
    DualAccessSetting(ENFORCE, 15, 3),
)
# A rule without a line above has the sample that its types give, and only observes.
_OTHERS = [sample(kind) for kind in SETTINGS.values() if kind not in {type(one) for one in _CHOSEN}]
ALL_RULES = (*_CHOSEN, *(replace(one, mode=OBSERVE) for one in _OTHERS))
LOCKER = passed(ME, access_point="locker-in", area=None)
MORNING = replace(NOON, utc=NOON.utc - timedelta(hours=3), mono_ms=NOON.mono_ms - 3 * 3_600_000)
SUPERVISOR = passed("boss", SV, MORNING)
LOGS: tuple[tuple[Fact, ...], ...] = (
    (),
    (LOCKER,),
    (LOCKER, SUPERVISOR),
    (LOCKER, SUPERVISOR, *many(4)),
    (LOCKER, SUPERVISOR, *many(3), waits("other")),
    (LOCKER, SUPERVISOR, passed(ME)),
    (LOCKER, SUPERVISOR, went("boss")),
    (LOCKER, SUPERVISOR, *many(12)),
    (LOCKER, SUPERVISOR, *many(45, SV)),
)
HELD = ({}, {"nda": date(2026, 11, 30)}, {"nda": date(2026, 11, 1)}, {"nda": date(2028, 1, 1)})


def situations() -> Iterator[tuple[AccessRequest, Facts]]:
    people = [
        who(category, qualifications=held) for category, held in product((None, SV, AGENCY, VISITOR), HELD)
    ]
    for record, log, point in product(people, LOGS, ("entrance-in", "entrance-out")):
        yield taps(record, point), site_facts(*ALL_RULES, log=log)
    fit = taps(who(SV, qualifications=HELD[3]))
    inside = (LOCKER, SUPERVISOR, *many(4))
    for mode, pin in product(DoorMode, PinResult):
        yield replace(fit, pin=pin), site_facts(*ALL_RULES, log=inside, mode=mode)
    yield fit, site_facts(*ALL_RULES, log=inside, lockdowns=frozenset({SITE}))
    yield fit, site_facts(*ALL_RULES, log=inside, doors={"archive": DoorFacts(is_open=True)})
    yield fit, replace(site_facts(*ALL_RULES), presence=None)
    yield fit, site_facts()
