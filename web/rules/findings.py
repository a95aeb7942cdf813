"""Problems and doubts about a rule book, as sentences with the labels that the pages use."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.model.finding_names import AreaName, CategoryName, NameList, PlaceName, QualificationName
from controller.model.rule_book import RuleBook
from controller.model.rules.order import RuleName
from controller.services.rules.findings import Finding
from web.words.codes import message_key
from web.words.words import Words


@dataclass(frozen=True, slots=True)
class FindingLine:
    text: str
    where: str
    is_warning: bool
    holds_up: bool


def finding_lines(
    findings: Iterable[Finding], words: Words, before: RuleBook = RuleBook()
) -> list[FindingLine]:
    """`before` is the book with the labels that the words's book no longer has."""
    book = replace(
        words.book,
        areas={**before.areas, **words.book.areas},
        categories={**before.categories, **words.book.categories},
        qualifications={**before.qualifications, **words.book.qualifications},
    )
    words = replace(words, book=book)
    return [FindingLine(_text(one, words), one.where, one.is_warning, one.holds_up) for one in findings]


def _text(finding: Finding, words: Words) -> str:
    return words.translate(
        finding.key, **{field: _field_text(value, words) for field, value in finding.fields.items()}
    )


def _field_text(value: object, words: Words) -> object:
    match value:
        case NameList():
            return words.join_list(str(_field_text(one, words)) for one in value)
        case RuleName():
            return words.translate(message_key(value))
        case CategoryName():
            return words.categories([value])
        case QualificationName():
            return words.qualifications([value])
        case AreaName():
            return words.areas([value])
        case PlaceName():
            return words.place(value)
    return value
