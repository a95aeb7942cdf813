"""Problems of genkan.toml as sentences, in both languages."""

import string

import pytest

from controller.model.config_codes import ConfigCode, field_names
from web.words.config_problem_words import CONFIG_WORDS, config_problem_text
from web.words.words import Words

VALUES = {
    "where": "[doors.entrance] lock_pin",
    "other": "[site] fire_pin",
    "value": "8",
    "line": 12,
    "error": "input/output error",
}


def test_every_code_has_words_and_no_other_has() -> None:
    assert set(CONFIG_WORDS) == set(ConfigCode)


@pytest.mark.parametrize("code", ConfigCode)
def test_problem_is_a_sentence_with_its_fields_in_both_languages(code: ConfigCode) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(CONFIG_WORDS[code]) if name}
    assert names == field_names(code)
    fields = {name: VALUES[name] for name in names}
    english, japanese = (config_problem_text(Words(language), code, fields) for language in ("en", "ja"))
    assert english == CONFIG_WORDS[code].format(**fields) and english.endswith(".")
    assert japanese != english and japanese.endswith("。")
    assert all(str(value) in japanese for value in fields.values())


@pytest.mark.parametrize("text", ["", "bad_value", "genkan.toml {where} is wrong."])
def test_earlier_sentence_and_code_without_its_fields_are_shown_unchanged(text: str) -> None:
    assert config_problem_text(Words("ja"), text, {}) == text


def test_errno_is_shown_in_the_words_of_the_system() -> None:
    assert "(No such file or directory)" in config_problem_text(
        Words("en"), "unreadable", {"error": "ENOENT"}
    )
