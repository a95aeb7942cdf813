"""What differs between the list of badges and the log, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import N_
from controller.model.recorded_rights import SubjectKind
from controller.services.backup.registry_comparison import NamedSubject, RegistryComparison
from web.words.causes import ROLLBACK_CAUSES, cause_text
from web.words.codes import SUBJECT_HEADINGS
from web.words.words import Words

_PATHS = {
    SubjectKind.PERSON: "/people/",
    SubjectKind.BADGE: "/badges/",
    SubjectKind.LEVEL: "/levels/",
    SubjectKind.SCHEDULE: "/schedules/",
    SubjectKind.OPERATOR: "/operators/",
}


@dataclass(frozen=True, slots=True)
class DifferingRow:
    """`path` is empty where there is no page about it."""

    name: str
    how: str
    path: str


@dataclass(frozen=True, slots=True)
class DifferingKind:
    """`more` are not listed."""

    title: str
    count: int
    rows: Sequence[DifferingRow]
    more: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    cause: str
    kinds: Sequence[DifferingKind]


def comparison_view(found: RegistryComparison, words: Words) -> ComparisonView:
    cause = "" if found.cause is None else cause_text(words, ROLLBACK_CAUSES, found.cause)
    kinds = []
    for kind, title in SUBJECT_HEADINGS.items():
        rows = [_row(one, words) for one in found.named if one.subject.kind is kind]
        if count := found.counts.get(kind, 0):
            kinds.append(DifferingKind(words.translate(title), count, rows, count - len(rows)))
    return ComparisonView(cause, kinds)


def _row(one: NamedSubject, words: Words) -> DifferingRow:
    if not one.is_here:
        how = N_("in the log, but not in the list")
    elif not one.is_on_record:
        how = N_("in the list, but not in the log")
    else:
        how = N_("differs")
    kind, id_ = one.subject
    is_single = kind not in _PATHS and kind is not SubjectKind.PIN
    path = f"{_PATHS[kind]}{id_}" if one.is_here and kind in _PATHS else ""
    name = one.name or (words.translate(SUBJECT_HEADINGS[kind]) if is_single else id_)
    return DifferingRow(name, words.translate(how), path)
