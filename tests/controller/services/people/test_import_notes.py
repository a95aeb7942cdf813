"""Lines of an import that share one finding."""

from controller.model.import_codes import ImportCode
from controller.services.people.import_notes import LineProblem


def test_problem_begins_with_its_own_line() -> None:
    problem = LineProblem(7, ImportCode.NOT_A_DAY, {})
    assert (problem.count, problem.lines) == (1, "7")
    problem.add(8)
    problem.add(11)
    assert (problem.count, problem.lines) == (3, "7–8, 11")
