import pytest

from firmware_bridge.problems import Problem, ProblemCode, field_names, is_complete


def test_fields_of_a_code_are_all_of_them_and_no_other() -> None:
    assert is_complete("key_wrong_size", ["size", "right_size"])
    for fields in ([], ["size"], ["size", "right_size", "reader"]):
        assert not is_complete("key_wrong_size", fields)
    assert not is_complete("melted", []) and not is_complete("", [])


@pytest.mark.parametrize("code", ProblemCode)
def test_no_field_has_the_name_of_a_field_that_every_record_has(code: ProblemCode) -> None:
    """The log keeps the fields beside `problem`; the sentence gets `reader` from the record."""
    assert not field_names(code) & {"problem", "reader", "name", "last_four", "operator"}


def test_path_is_added_to_a_problem_that_has_other_fields() -> None:
    problem = Problem(ProblemCode.NO_ANSWER_ON_SERIAL, {"baud": 115_200}).at("tty:USB0")
    assert problem.fields.keys() == field_names(problem.code)
    assert str(problem) == "no_answer_on_serial path='tty:USB0' baud=115200"
