"""Lines of an import that share one finding."""

import json

from controller.model.import_codes import ImportCode
from controller.model.plain_values import from_plain, to_plain
from controller.services.people.import_notes import LineProblem, Notes


def test_problem_begins_with_its_own_line() -> None:
    problem = LineProblem(7, ImportCode.NOT_A_DAY, {})
    assert (problem.count, problem.lines) == (1, "7")


def test_lines_with_the_same_finding_are_one_problem_with_their_ranges() -> None:
    notes = Notes()
    for line in (7, 8, 11):
        notes.add(line, ImportCode.NOT_A_DAY)
    (problem,) = notes.notes
    assert (problem.line, problem.count, problem.lines) == (7, 3, "7–8, 11")


def test_problem_arrives_equal_from_another_process() -> None:
    notes = Notes()
    for line in (7, 8, 11):
        notes.add(line, ImportCode.ENROLLED, {"person": "Sato"})
    (problem,) = notes.notes
    assert from_plain(LineProblem, json.loads(json.dumps(to_plain(problem)))) == problem
