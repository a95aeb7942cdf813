"""The files of the rules on this floor, found by the rule's name.

Each defines the function of its name and `observations`; some also `leaving` and `LATER_WARNINGS`.
"""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from controller.model.rules.order import RuleName, rule_file

RULE_FILES: Mapping[RuleName, ModuleType] = MappingProxyType(
    {
        name: rule_file("controller.decision.rules", name.value, (name.value, "observations"))
        for name in RuleName
    }
)
