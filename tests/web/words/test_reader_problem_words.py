"""Problem codes of the bridges as sentences, in both languages."""

import string

import pytest

from firmware_bridge.problems import ProblemCode, field_names
from web.words.reader_problem_words import PROBLEM_WORDS, problem_text
from web.words.words import Words

READER = "entrance-in"
VALUES: dict[str, str | int] = {
    "path": "pcsc:Sony RC-S300/S (1234567) 00 00",
    "baud": 115200,
    "error": "input/output error",
    "end": "signal 9, SIGKILL",
    "other_reader": "back-door",
    "address": 3,
    "found_address": 5,
    "pcsc_code": "8010001B",
    "size": 15,
    "right_size": 16,
}


def fields_of(code: ProblemCode) -> dict[str, str | int]:
    return {name: VALUES[name] for name in field_names(code)}


def test_every_code_has_words_and_no_other_has() -> None:
    assert set(PROBLEM_WORDS) == {code.value for code in ProblemCode}


@pytest.mark.parametrize("code", ProblemCode)
def test_problem_is_a_sentence_with_its_fields_and_what_to_do_in_both_languages(code: ProblemCode) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(PROBLEM_WORDS[code]) if name}
    assert names - {"reader"} == field_names(code) and names & {"reader", "path"}
    values = {**fields_of(code), "reader": READER}
    english = problem_text(Words("en"), code, fields_of(code), READER)
    assert english == PROBLEM_WORDS[code].format(**values)
    japanese = problem_text(Words("ja"), code, fields_of(code), READER)
    assert japanese.count("。") >= 2 and japanese.endswith("ください。")
    for sentence in (english, japanese):
        assert all(str(values[name]) in sentence for name in names)


@pytest.mark.parametrize("text", ["", "unplugged", "Reader {reader} does not answer", "<b>Reader</b> x."])
def test_sentence_of_an_earlier_version_and_code_of_a_later_one_are_shown_unchanged(text: str) -> None:
    assert problem_text(Words("ja"), text, {"path": "x"}, READER) == text


def test_code_without_its_fields_is_shown_as_the_code() -> None:
    assert problem_text(Words("ja"), "port_busy", {}, READER) == "port_busy"


def test_errno_is_shown_in_the_words_of_the_system_and_words_of_an_earlier_record_stay() -> None:
    for error in ("ENOENT", "No such file or directory"):
        sentence = problem_text(Words("en"), "key_unreadable", {"error": error}, READER)
        assert "(No such file or directory)" in sentence
