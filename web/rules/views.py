"""A rule book as the overview shows it: areas, doors, categories and qualifications, in sentences."""

from dataclasses import dataclass

from controller.config import Config
from controller.model.headcount import Headcount
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from web.rules.order import rule_sentence
from web.rules.sentences import door_sentences
from web.words.words import Words


@dataclass(frozen=True, slots=True)
class RuleLine:
    name: RuleName
    mode: RuleMode
    sentence: str


@dataclass(frozen=True, slots=True)
class AreaView:
    name: str
    label: str
    entries: str
    exits: str
    within: str
    rules: list[RuleLine]


@dataclass(frozen=True, slots=True)
class DoorView:
    name: str
    label: str
    modes: list[str]
    rules: list[RuleLine]
    is_there: bool  # in genkan.toml


@dataclass(frozen=True, slots=True)
class WordView:
    """A category or qualification; `people` are of it, or hold it today."""

    name: str
    label: str
    people: int
    supervisor: bool = False
    regular: bool = False
    warn_days: int = 0


@dataclass(frozen=True, slots=True)
class BookView:
    areas: list[AreaView]
    doors: list[DoorView]
    categories: list[WordView]
    qualifications: list[WordView]


def book_view(book: RuleBook, config: Config, words: Words, people: Headcount) -> BookView:
    words = words.by(book)
    return BookView(
        [
            AreaView(
                name=area.name,
                label=words.label(area),
                entries=words.places(area.entries) or "–",
                exits=words.places(area.exits) or "–",
                within=words.areas([area.within]) if area.within else "",
                rules=rule_lines(words, area.rules),
            )
            for area in book.areas.values()
        ],
        [
            DoorView(
                name=name,
                label=words.place(name),
                modes=door_sentences(words, book.door(name)),
                rules=rule_lines(words, book.door(name).rules),
                is_there=name in config.doors,
            )
            for name in {**config.doors, **book.doors}
        ],
        [
            WordView(
                name=one.name,
                label=words.label(one),
                people=people.of((one.name,)),
                supervisor=one.supervisor,
                regular=one.regular,
            )
            for one in book.categories.values()
        ],
        [
            WordView(
                one.name,
                words.label(one),
                people.qualified.get(one.name, 0),
                warn_days=one.warn_days,
            )
            for one in book.qualifications.values()
        ],
    )


def rule_lines(words: Words, rules: Rules) -> list[RuleLine]:
    return [
        RuleLine(name, setting.mode, rule_sentence(words, name, setting))
        for name, setting in rules.items()
        if setting.mode is not RuleMode.OFF
    ]
