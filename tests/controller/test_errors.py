"""The codes and fields that an error has besides its sentence."""

from controller.errors import BadInput, ConfigError
from controller.model.config_codes import ConfigCode
from controller.model.import_codes import ImportCode


def test_fields_of_a_damaged_configuration_are_one_short_line() -> None:
    error = ConfigError("A sentence.", ConfigCode.NOT_TOML, where="moon\n\x00" + "x" * 500, line=3)
    assert error.fields == {"where": "moon??" + "x" * 74, "line": 3}
    assert str(error) == "A sentence."


def test_value_that_may_be_in_a_file_has_a_code_and_may_have_a_field_of_that_name() -> None:
    error = BadInput("name", "U+{code} is not allowed.", ImportCode.BAD_CHARACTER, code="200E")
    assert (error.code, error.fields) == ("bad_character", {"code": "200E"})
    assert str(error) == "U+200E is not allowed."
    assert BadInput("host", "Write a host.").code is None
