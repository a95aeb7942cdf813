"""One rule's setting between the fields of a form and the rule book. The fields are listed once, below."""

import dataclasses
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from controller.errors import N_, BadInput
from controller.model.rule_book import Rules
from controller.model.rules.anti_passback import PassbackUntil
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.prerequisite import PrerequisiteSince
from controller.model.rules.setting import RuleMode, RuleSetting

Sent = Mapping[str, Sequence[str]]  # field → everything that was sent under its name


class Kind(StrEnum):
    """What is typed or chosen in a field."""

    NUMBER = "number"
    TICK = "tick"
    PROOF = "proof"
    ACCESS_POINT = "access_point"
    CATEGORIES = "categories"
    QUALIFICATIONS = "qualifications"
    DOORS = "doors"
    UNTIL = "until"
    SINCE = "since"


SEVERAL = (Kind.CATEGORIES, Kind.QUALIFICATIONS, Kind.DOORS)
ONE_OF: Mapping[Kind, type[StrEnum]] = {Kind.UNTIL: PassbackUntil, Kind.SINCE: PrerequisiteSince}


@dataclass(frozen=True, slots=True)
class RuleField:
    name: str  # as in the setting
    label: str
    kind: Kind


FIELDS: Mapping[RuleName, tuple[RuleField, ...]] = MappingProxyType(
    {
        RuleName.ASSURANCE: (RuleField("least", N_("Minimum assurance of the badge"), Kind.PROOF),),
        RuleName.QUALIFICATIONS: (RuleField("required", N_("Required qualifications"), Kind.QUALIFICATIONS),),
        RuleName.PREREQUISITE: (
            RuleField("access_point", N_("Must be passed first, on the same day"), Kind.ACCESS_POINT),
            RuleField("since", N_("How often"), Kind.SINCE),
        ),
        RuleName.ANTI_PASSBACK: (
            RuleField("area", N_("People inside must leave first"), Kind.TICK),
            RuleField("until", N_("How long a missed tap out counts"), Kind.UNTIL),
            RuleField("minutes", N_("Minutes until the next entry (0: none)"), Kind.NUMBER),
            RuleField("outer_first", N_("Require entry to the outer area first"), Kind.TICK),
        ),
        RuleName.FIRST_PERSON_IN: (RuleField("categories", N_("Who comes in first"), Kind.CATEGORIES),),
        RuleName.SUPERVISOR_PRESENT: (
            RuleField("categories", N_("Who needs a supervisor inside"), Kind.CATEGORIES),
        ),
        RuleName.ESCORT: (
            RuleField("categories", N_("Who needs an escort"), Kind.CATEGORIES),
            RuleField("escorts", N_("Who escorts"), Kind.CATEGORIES),
            RuleField("seconds", N_("Seconds between the two (0: an escort inside is enough)"), Kind.NUMBER),
        ),
        RuleName.STAFF_MIX: (
            RuleField(
                "people_per_supervisor", N_("People for each supervisor (0: not required)"), Kind.NUMBER
            ),
            RuleField("regular_percent", N_("Regular staff, percent (0: not required)"), Kind.NUMBER),
            RuleField("regular_least", N_("Regular staff, at least (0: not required)"), Kind.NUMBER),
            RuleField("alarm", N_("Alarm when an exit breaks it"), Kind.TICK),
        ),
        RuleName.OCCUPANCY: (
            RuleField("most", N_("People inside at most (0: no limit)"), Kind.NUMBER),
            RuleField("least", N_("Warn below this number of people (0: never)"), Kind.NUMBER),
            RuleField("alarm", N_("Alarm when an exit leaves fewer people inside"), Kind.TICK),
        ),
        RuleName.INTERLOCK: (RuleField("doors", N_("Doors that must be closed"), Kind.DOORS),),
        RuleName.DUAL_ACCESS: (
            RuleField("seconds", N_("Seconds between the two"), Kind.NUMBER),
            RuleField(
                "unless_inside",
                N_("Not required with this many people inside (0: always required)"),
                Kind.NUMBER,
            ),
        ),
    }
)


def field_name(rule: RuleName, field: str) -> str:
    return f"{rule.value}.{field}"


NAMES = tuple(field_name(rule, field.name) for rule, fields in FIELDS.items() for field in fields)


def form_values(rules: Rules) -> dict[str, str | Sequence[str]]:
    """Return the initial value of each field; a missing rule has its defaults."""
    values: dict[str, str | Sequence[str]] = {}
    for rule, fields in FIELDS.items():
        setting = rules.get(rule)
        values[field_name(rule, "mode")] = setting.mode.value if setting else ""
        for field in fields:
            value = getattr(setting, field.name) if setting else _default(rule, field)
            values[field_name(rule, field.name)] = _form_value(value)
    return values


def parse_rules(sent: Sent) -> dict[RuleName, RuleSetting]:
    """Return the rules that have a mode. Raise BadInput with the field's name for an invalid number."""
    found: dict[RuleName, RuleSetting] = {}
    for rule, fields in FIELDS.items():
        mode = (sent.get(field_name(rule, "mode")) or ("",))[0]
        if mode not in [one.value for one in RuleMode]:
            continue
        values = {field.name: _parse_field(rule, field, sent) for field in fields}
        if "" not in values.values():
            found[rule] = SETTINGS[rule](RuleMode(mode), **values)
        elif mode != RuleMode.OFF.value:
            raise BadInput(field_name(rule, fields[0].name), N_("Choose one, or switch the rule off."))
    return found


def _default(rule: RuleName, field: RuleField) -> Any:
    default = {one.name: one.default for one in dataclasses.fields(SETTINGS[rule])}[field.name]
    if default is not dataclasses.MISSING:
        return default
    return () if field.kind in SEVERAL else "1" if field.kind is Kind.PROOF else ""


def _form_value(value: Any) -> str | Sequence[str]:
    if isinstance(value, bool):
        return "yes" if value else ""
    return list(value) if isinstance(value, tuple) else str(value)


def _parse_field(rule: RuleName, field: RuleField, sent: Sent) -> Any:
    name = field_name(rule, field.name)
    values = sent.get(name, ())
    match field.kind:
        case Kind.TICK:
            return "yes" in values
        case Kind.NUMBER | Kind.PROOF:
            return parse_number(name, values[0] if values else "")
        case Kind.ACCESS_POINT:
            return values[0] if values else ""
        case Kind.UNTIL | Kind.SINCE:
            return _parse_choice(rule, field, values[0] if values else "")
    return tuple(sorted(set(values)))


def _parse_choice(rule: RuleName, field: RuleField, text: str) -> StrEnum:
    """Return the default if the page sent nothing, because it was opened before the field existed."""
    if not text:
        default: StrEnum = _default(rule, field)
        return default
    try:
        return ONE_OF[field.kind](text)
    except ValueError:
        name = field_name(rule, field.name)
        raise BadInput(name, N_("“{text}” cannot be chosen here; choose again."), text=text[:20]) from None


def parse_number(name: str, text: str) -> int:
    digits = unicodedata.normalize("NFKC", text[:20]).strip()
    if not digits:
        return 0
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
        raise BadInput(
            name, N_("“{text}” is not a whole number from 0 to 99999; correct it."), text=text[:20]
        )
    return int(digits)
