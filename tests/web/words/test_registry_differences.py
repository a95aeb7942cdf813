from controller.model.recorded_rights import Subject, SubjectKind
from controller.model.registry_mark import RollbackCause
from controller.model.rule_book import RuleBook
from controller.services.backup.registry_comparison import NamedSubject, RegistryComparison
from tests.web.sample_words import sample_words
from web.words.codes import SUBJECT_HEADINGS
from web.words.registry_differences import DifferingRow, comparison_view


def named(kind: SubjectKind, name: str, *, is_here: bool = True, is_on_record: bool = True) -> NamedSubject:
    return NamedSubject(Subject(kind, "0" * 16), name, is_here=is_here, is_on_record=is_on_record)


def test_each_kind_says_how_its_subjects_differ_and_how_many_are_not_listed():
    found = RegistryComparison(
        cause=RollbackCause.OLDER,
        since=None,
        waiting=0,
        counts={SubjectKind.PERSON: 3, SubjectKind.RULES: 1},
        named=[
            named(SubjectKind.PERSON, "Hanako", is_on_record=False),
            named(SubjectKind.PERSON, "", is_here=False),
            named(SubjectKind.RULES, ""),
        ],
        fingerprint="",
        mark=None,
    )
    view = comparison_view(found, sample_words(RuleBook()))
    people, rules = view.kinds
    assert view.cause == "it lacks changes that the log holds"
    assert (people.title, people.count, people.more) == ("People", 3, 1)
    assert people.rows == [
        DifferingRow("Hanako", "in the list, but not in the log", f"/people/{'0' * 16}"),
        DifferingRow("0" * 16, "in the log, but not in the list", ""),
    ]
    assert rules.rows == [DifferingRow("Rules", "differs", "")]


def test_every_kind_that_can_differ_has_a_heading():
    assert set(SUBJECT_HEADINGS) == set(SubjectKind) - {SubjectKind.FOUND}
