"""A rule book with everything in it; tests take it apart."""

from datetime import date

from controller.model.rule_book import (
    Area,
    Category,
    DoorMode,
    DoorRules,
    Holidays,
    Qualification,
    RuleBook,
    ScheduledMode,
)
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.model.rule_samples import sample

ENFORCE = RuleMode.ENFORCE
SV, REGULAR, AGENCY, VISITOR = "sv", "regular", "agency", "visitor"
_CHOSEN: dict[RuleName, RuleSetting] = {
    RuleName.ASSURANCE: AssuranceSetting(ENFORCE, 2),
    RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",)),
    RuleName.PREREQUISITE: PrerequisiteSetting(ENFORCE, "locker", PrerequisiteSince.LAST_EXIT),
    RuleName.ANTI_PASSBACK: AntiPassbackSetting(ENFORCE, True, 5, PassbackUntil.NEVER),
    RuleName.FIRST_PERSON_IN: FirstPersonInSetting(ENFORCE, (SV,)),
    RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(ENFORCE, (AGENCY, REGULAR)),
    RuleName.ESCORT: EscortSetting(ENFORCE, (VISITOR,), (REGULAR, SV)),
    RuleName.STAFF_MIX: StaffMixSetting(ENFORCE, 10, 30, 1),
    RuleName.OCCUPANCY: OccupancySetting(ENFORCE, 40, 2),
    RuleName.INTERLOCK: InterlockSetting(ENFORCE, ("archive",)),
    RuleName.DUAL_ACCESS: DualAccessSetting(ENFORCE, 15, 3),
}
# A rule without a line above has the sample that its types give.
EVERY_RULE = {name: _CHOSEN.get(name) or sample(kind) for name, kind in SETTINGS.items()}
FULL = RuleBook(
    version=7,
    areas={"floor": Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",), EVERY_RULE)},
    doors={
        "entrance": DoorRules(
            "entrance",
            DoorMode.CARD,
            (ScheduledMode("Reception", DoorMode.UNLOCKED, (SV,)), ScheduledMode("Night", DoorMode.CARD_PIN)),
            {RuleName.OCCUPANCY: OccupancySetting(RuleMode.OBSERVE, 20)},
        )
    },
    categories={
        SV: Category(SV, "Supervisor", "SV", supervisor=True, regular=True),
        REGULAR: Category(REGULAR, "Regular staff", "社員", regular=True),
        AGENCY: Category(AGENCY, "Agency staff", "派遣"),
        VISITOR: Category(VISITOR, "Visitor", "来客"),
    },
    qualifications={"nda": Qualification("nda", "Confidentiality agreement", "秘密保持誓約", 14)},
    holidays=Holidays("JP", {date(2027, 5, 6): "holiday", date(2027, 1, 4): "short-day"}),
)
