"""The files of the rules on this floor, found by the rule's name."""

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from types import MappingProxyType, ModuleType

from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleSetting
from web.rules.fields import CodeWords, RuleField
from web.rules.observed import Values
from web.words.words import Words

_MODULES: Mapping[RuleName, ModuleType] = MappingProxyType(
    {name: import_module(f"web.rules.{name.value}") for name in RuleName}
)
FIELDS: Mapping[RuleName, tuple[RuleField, ...]] = MappingProxyType(
    {name: module.FIELDS for name, module in _MODULES.items()}
)
PURPOSES: Mapping[RuleName, str] = MappingProxyType(
    {name: module.PURPOSE for name, module in _MODULES.items()}
)
"""What a rule is for: shown where it is not used, or off."""

WORDS: CodeWords = tuple(pair for module in _MODULES.values() for pair in module.WORDS)
"""The words for the rules' names, reasons, warnings and alarms."""
ADVICE: Mapping[Enum, str] = MappingProxyType(
    {member: key for module in _MODULES.values() for member, key in getattr(module, "ADVICE", {}).items()}
)
"""What to do about a rule's alarm."""


def rule_sentence(words: Words, name: RuleName, setting: RuleSetting) -> str:
    """What the rule does, without its mode, which is beside it."""
    found: str = _MODULES[name].sentence(words, setting)
    return found


def explanation(name: RuleName, saw: Values, words: Words) -> Iterator[str]:
    """What the rule saw, in sentences."""
    found: Iterator[str] = _MODULES[name].explanation(saw, words)
    return found
