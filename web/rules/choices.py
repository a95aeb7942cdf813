"""What the form of an area or door offers: each rule, its fields, and what can be chosen in each."""

from dataclasses import dataclass

from controller.errors import N_
from controller.model.credentials import Assurance
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.services.rules import draft as rule_draft
from web.frame.visitor import Visitor
from web.rules.fields import Kind
from web.rules.form import ONE_OF, field_name
from web.rules.order import FIELDS, PURPOSES
from web.rules.rule_words import RuleWords
from web.rules.views import place, rule_lines
from web.words.labels import in_language, label
from web.words.language import translate
from web.words.words import message_key

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
    sentence: str  # what it does in the draft, or would do if it were used


def rule_choices(asker: Visitor, rules: Rules, of_a_door: bool) -> list[RuleChoice]:
    language = asker.language
    book = rule_draft.edited(asker.acting)
    words = RuleWords(
        book,
        language,
        place(asker.site.config, language),
        asker.site.config.site.day_ends,
        asker.site.config.site.time_zone,
    )
    sentences = {line.name: line.sentence for line in rule_lines(words, rules)}
    return [
        RuleChoice(
            rule,
            field_name(rule, "mode"),
            _modes(language, rule in rules, of_a_door),
            [
                FieldChoice(
                    field_name(rule, field.name),
                    translate(language, field.label),
                    field.kind,
                    _options(field.kind, asker, book),
                )
                for field in fields
            ],
            sentences.get(rule) or translate(language, PURPOSES[rule]),
        )
        for rule, fields in FIELDS.items()
    ]


def _modes(language: str, is_set: bool, of_a_door: bool) -> Options:
    """A rule that an area does not have is off: its form offers "Off" once."""
    modes = [(mode.value, translate(language, message_key(mode))) for mode in RuleMode]
    if of_a_door:
        return [("", translate(language, N_("As in the area"))), *modes]
    if is_set:
        return modes
    return [("", label) if mode == RuleMode.OFF.value else (mode, label) for mode, label in modes]


def _options(kind: Kind, asker: Visitor, book: RuleBook) -> Options:
    config, language = asker.site.config, asker.language
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
            return [
                (str(level.value), translate(language, message_key(level))) for level in Assurance if level
            ]
        case Kind.UNTIL | Kind.SINCE:
            return [(one.value, translate(language, message_key(one))) for one in ONE_OF[kind]]
    return []
