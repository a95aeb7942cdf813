"""What is wrong, or doubtful, about a rule book, with everything in it called as the pages call it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.model.finding_names import AreaName, CategoryName, NameList, PlaceName, QualificationName
from controller.model.rule_book import RuleBook
from controller.model.rules.order import RuleName
from controller.services.rules.findings import Finding
from web.rules.sentences import Speaker
from web.words.words import message_key


@dataclass(frozen=True, slots=True)
class FindingLine:
    text: str
    where: str
    is_warning: bool
    holds_up: bool


def finding_lines(
    findings: Iterable[Finding], speaker: Speaker, before: RuleBook = RuleBook()
) -> list[FindingLine]:
    """`before` is the book with the labels that the speaker's book no longer has."""
    book = replace(
        speaker.book,
        areas={**before.areas, **speaker.book.areas},
        categories={**before.categories, **speaker.book.categories},
        qualifications={**before.qualifications, **speaker.book.qualifications},
    )
    speaker = replace(speaker, book=book)
    return [FindingLine(_text(one, speaker), one.where, one.is_warning, one.holds_up) for one in findings]


def _text(finding: Finding, speaker: Speaker) -> str:
    return speaker.translate(
        finding.key, **{field: _field_text(value, speaker) for field, value in finding.fields.items()}
    )


def _field_text(value: object, speaker: Speaker) -> object:
    match value:
        case NameList():
            return speaker.listed(str(_field_text(one, speaker)) for one in value)
        case RuleName():
            return speaker.translate(message_key(value))
        case CategoryName():
            return speaker.categories([value])
        case QualificationName():
            return speaker.qualifications([value])
        case AreaName():
            return speaker.areas([value])
        case PlaceName():
            return speaker.place(value)
    return value
