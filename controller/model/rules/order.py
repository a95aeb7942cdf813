"""The rules that a rule book can set, in the order in which the door applies them.

A rule is one name on three floors: its settings in this folder, who passes in `controller/decision/rules`,
its form and sentences in `web/rules`. Each floor finds the file by the name.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType, ModuleType

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


def rule_file(room: str, name: str, needed: Sequence[str]) -> ModuleType:
    """Import the file of a rule in a room, such as `web.rules`, and check that it defines what is needed.

    Raise ImportError with one sentence that says which file to add, or what to define in it.
    """
    path = f"{room}.{name}"
    place = f"{path.replace('.', '/')}.py"
    try:
        found = import_module(path)
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        needs = ", ".join(needed)
        raise ImportError(f"The rule {name} lacks its file {place}; add it with {needs}.") from None
    missing = ", ".join(one for one in needed if not hasattr(found, one))
    if missing:
        raise ImportError(f"The rule {name} lacks {missing} in {place}; add it there.")
    return found


def _setting_class(name: str) -> type[RuleSetting]:
    """The class that the rule's file defines: `EscortSetting` in `escort.py`."""
    title = "".join(part.title() for part in name.split("_")) + "Setting"
    found: type[RuleSetting] = getattr(rule_file("controller.model.rules", name, (title,)), title)
    return found


SETTINGS: Mapping[RuleName, type[RuleSetting]] = MappingProxyType(
    {name: _setting_class(name.value) for name in RuleName}
)
