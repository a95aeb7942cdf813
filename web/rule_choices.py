"""What the form of an area or door offers: each rule, its fields, and what can be chosen in each."""

from dataclasses import dataclass

from controller.errors import N_
from controller.model.credentials import Assurance
from controller.model.rule_book import RuleBook, RuleMode, RuleName, Rules
from controller.services import rule_draft
from web.labels import in_language, label
from web.language import say
from web.rule_form import FIELDS, Kind, field_name
from web.rule_sentences import Speaker
from web.rule_views import place, rule_lines
from web.visitor import Visitor
from web.words import key_of

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    name: str
    label: str
    kind: Kind
    options: Options


@dataclass(frozen=True, slots=True)
class RuleChoice:
    rule: RuleName
    mode_name: str
    modes: Options
    fields: list[FieldChoice]
    sentence: str  # what it does as it stands in the draft; "" for a rule that is off


def rule_choices(asker: Visitor, rules: Rules, of_a_door: bool) -> list[RuleChoice]:
    language = asker.language
    unset = N_("As in the area") if of_a_door else N_("Not used")
    modes = [("", say(language, unset)), *((mode.value, say(language, key_of(mode))) for mode in RuleMode)]
    book = rule_draft.edited(asker.house, asker.operator)
    speaker = Speaker(book, language, place(asker.house.config, language), asker.house.config.site.day_ends)
    said = {line.name: line.sentence for line in rule_lines(speaker, rules)}
    return [
        RuleChoice(
            rule,
            field_name(rule, "mode"),
            modes,
            [
                FieldChoice(
                    field_name(rule, field.name),
                    say(language, field.label),
                    field.kind,
                    _options(field.kind, asker, book),
                )
                for field in fields
            ],
            said.get(rule, ""),
        )
        for rule, fields in FIELDS.items()
    ]


def _options(kind: Kind, asker: Visitor, book: RuleBook) -> Options:
    config, language = asker.house.config, asker.language
    match kind:
        case Kind.CATEGORIES:
            return [(one.name, in_language(one, language)) for one in book.categories.values()]
        case Kind.QUALIFICATIONS:
            return [(one.name, in_language(one, language)) for one in book.qualifications.values()]
        case Kind.DOORS:
            return [(name, label(config, language, name)) for name in config.doors]
        case Kind.ACCESS_POINT:
            return [(name, label(config, language, name)) for name in config.access_points]
        case Kind.PROOF:
            return [(str(level.value), say(language, key_of(level))) for level in Assurance if level]
    return []
