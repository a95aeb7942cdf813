"""The files of the rules on this floor, found by the rule's name."""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType, ModuleType

from controller.model.rules.order import RuleName, rule_file
from controller.model.rules.setting import RuleSetting
from web.rules.fields import CodeWords, RuleField
from web.rules.observations import Values
from web.words.words import Words


def _file(name: RuleName) -> ModuleType:
    file = rule_file("web.rules", name.value, ("FIELDS", "PURPOSE", "WORDS", "sentence", "explanation"))
    if name not in [member for member, _ in file.WORDS if isinstance(member, RuleName)]:
        raise ImportError(
            f"The rule {name} lacks its name on the pages; add it to WORDS in web/rules/{name}.py."
        )
    return file


_MODULES: Mapping[RuleName, ModuleType] = MappingProxyType({name: _file(name) for name in RuleName})
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


def explanation(name: RuleName, observations: Values, words: Words) -> Iterator[str]:
    """The observations of the rule, in sentences."""
    found: Iterator[str] = _MODULES[name].explanation(observations, words)
    return found
