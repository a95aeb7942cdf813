"""The form of the rules of an area or door: what it offers, its values, and the rules that it sends."""

import dataclasses
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from controller.config import Config
from controller.errors import N_, BadInput
from controller.model.credentials import Assurance
from controller.model.rule_book import Rules
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.services.field_errors import FieldErrors
from controller.services.rules import draft as rule_draft
from web.frame.visitor import Visitor
from web.rules.fields import Kind, RuleField
from web.rules.order import FIELDS, PURPOSES
from web.rules.views import rule_lines
from web.words.codes import message_key
from web.words.words import Words

Sent = Mapping[str, Sequence[str]]  # field → everything that was sent under its name
Options = list[tuple[str, str]]

SEVERAL = (Kind.CATEGORIES, Kind.QUALIFICATIONS, Kind.DOORS)


@dataclasses.dataclass(frozen=True, slots=True)
class FieldChoice:
    name: str
    label: str
    kind: Kind
    options: Options


@dataclasses.dataclass(frozen=True, slots=True)
class RuleChoice:
    rule: RuleName
    mode_name: str
    modes: Options
    fields: list[FieldChoice]
    sentence: str  # what it does in the draft, or would do if it were used


def field_name(rule: RuleName, field: str) -> str:
    return f"{rule.value}.{field}"


NAMES = tuple(field_name(rule, field.name) for rule, fields in FIELDS.items() for field in fields)


def members(rule: RuleName, field: RuleField) -> type[StrEnum]:
    """The enum of a field that offers a choice."""
    found: type[StrEnum] = {one.name: one.type for one in dataclasses.fields(SETTINGS[rule])}[field.name]  # type: ignore[assignment]
    return found


def rule_choices(asker: Visitor, rules: Rules, of_a_door: bool) -> list[RuleChoice]:
    words = asker.words.by(rule_draft.edited(asker.acting))
    sentences = {line.name: line.sentence for line in rule_lines(words, rules)}
    return [
        RuleChoice(
            rule=rule,
            mode_name=field_name(rule, "mode"),
            modes=_modes(words, rule in rules, of_a_door),
            fields=[
                FieldChoice(
                    field_name(rule, field.name),
                    words.translate(field.label),
                    field.kind,
                    _options(rule, field, words, asker.site.config),
                )
                for field in fields
            ],
            sentence=sentences.get(rule) or words.translate(PURPOSES[rule]),
        )
        for rule, fields in FIELDS.items()
    ]


def _modes(words: Words, is_set: bool, of_a_door: bool) -> Options:
    """A rule that an area does not have is off: its form offers "Off" once."""
    modes = [(mode.value, words.translate(message_key(mode))) for mode in RuleMode]
    if of_a_door:
        return [("", words.translate(N_("As in the area"))), *modes]
    if is_set:
        return modes
    return [("", label) if mode == RuleMode.OFF.value else (mode, label) for mode, label in modes]


def _options(rule: RuleName, field: RuleField, words: Words, config: Config) -> Options:
    match field.kind:
        case Kind.CATEGORIES:
            return [(one.name, words.label(one)) for one in words.book.categories.values()]
        case Kind.QUALIFICATIONS:
            return [(one.name, words.label(one)) for one in words.book.qualifications.values()]
        case Kind.DOORS:
            return [(name, words.place(name)) for name in config.doors]
        case Kind.ACCESS_POINT:
            return [(name, words.place(name)) for name in config.access_points]
        case Kind.PROOF:
            return [(str(level.value), words.translate(message_key(level))) for level in Assurance if level]
        case Kind.CHOICE:
            return [(one.value, words.translate(message_key(one))) for one in members(rule, field)]
    return []


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
    chosen = {rule: (sent.get(field_name(rule, "mode")) or ("",))[0] for rule in FIELDS}
    modes = {rule: RuleMode(mode) for rule, mode in chosen.items() if mode in [one.value for one in RuleMode]}
    with FieldErrors() as errors:
        found = {rule: errors.check(_parse_rule, rule, mode, sent) for rule, mode in modes.items()}
    return {rule: setting for rule, setting in found.items() if setting is not None}


def _parse_rule(rule: RuleName, mode: RuleMode, sent: Sent) -> RuleSetting | None:
    """None for a rule that is off and lacks a choice."""
    fields = FIELDS[rule]
    with FieldErrors() as errors:
        values = {field.name: errors.check(_parse_field, rule, field, sent) for field in fields}
    if "" not in values.values():
        return SETTINGS[rule](mode, **values)
    if mode is RuleMode.OFF:
        return None
    raise BadInput(field_name(rule, fields[0].name), N_("Choose one, or switch the rule off."))


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
        case Kind.CHOICE:
            return _parse_choice(rule, field, values[0] if values else "")
    return tuple(sorted(set(values)))


def _parse_choice(rule: RuleName, field: RuleField, text: str) -> StrEnum:
    """Return the default if the page sent nothing, because it was opened before the field existed."""
    if not text:
        default: StrEnum = _default(rule, field)
        return default
    try:
        return members(rule, field)(text)
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
