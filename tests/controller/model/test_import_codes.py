"""The codes of an import's findings."""

from controller.model.import_codes import ImportCode, field_names


def test_code_has_the_fields_that_are_listed_for_it() -> None:
    assert field_names(ImportCode.NUMBER_TWICE) == {"first"}
    assert field_names(ImportCode.LINE_DAMAGED) == set()
    assert all(code.value == code.name.lower() for code in ImportCode)
