"""The rules that a rule book can set, in the order in which they are asked.

A rule is one name on three floors: its settings here beside, who passes in `controller/decision/rules`, its
form and sentences in `web/rules`. Each floor finds the file by the name.
"""

from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType

from controller.model.rules.setting import RuleSetting


class RuleName(StrEnum):
    ASSURANCE = "assurance"
    QUALIFICATIONS = "qualifications"
    PREREQUISITE = "prerequisite"
    ANTI_PASSBACK = "anti_passback"
    FIRST_PERSON_IN = "first_person_in"
    SUPERVISOR_PRESENT = "supervisor_present"
    ESCORT = "escort"
    STAFF_MIX = "staff_mix"
    OCCUPANCY = "occupancy"
    INTERLOCK = "interlock"
    DUAL_ACCESS = "dual_access"


def _setting_class(name: str) -> type[RuleSetting]:
    """The class that the rule's file defines: `EscortSetting` in `escort.py`."""
    module = import_module(f"controller.model.rules.{name}")
    title = "".join(part.title() for part in name.split("_"))
    found: type[RuleSetting] = getattr(module, f"{title}Setting")
    return found


SETTINGS: Mapping[RuleName, type[RuleSetting]] = MappingProxyType(
    {name: _setting_class(name.value) for name in RuleName}
)
