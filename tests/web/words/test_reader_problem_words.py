"""Problem codes of the bridges as sentences, in both languages."""

import json
import string

import pytest

from firmware_bridge.problems import ProblemCode, field_names
from tests.web.words.test_alarm_cards import record
from web.words.reader_problem_words import PROBLEM_WORDS, problem_text, recorded_problem
from web.words.words import Words

READER = "entrance-in"
VALUES: dict[str, str | int] = {
    "path": "pcsc:Sony RC-S300/S (1234567) 00 00",
    "baud": 115200,
    "error": "No such file or directory",
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


def test_record_of_a_code_has_its_sentence_and_an_earlier_record_keeps_its_own() -> None:
    old = "Reader entrance-in does not answer; check its power, wiring, address and speed."
    coded, early, empty = (
        record("reader_offline", None if details is None else json.dumps(details), reader=READER)
        for details in ({"problem": "line_busy", "path": "/dev/ttyUSB0"}, {"problem": old}, None)
    )
    assert recorded_problem(coded, Words("en")).startswith(
        "Reader entrance-in cannot be reached: its line at /dev/ttyUSB0 is used by another program;"
    )
    assert "/dev/ttyUSB0" in recorded_problem(coded, Words("ja")) and "。" in recorded_problem(
        coded, Words("ja")
    )
    assert recorded_problem(early, Words("en")) == recorded_problem(early, Words("ja")) == old
    assert recorded_problem(empty, Words("ja")) == ""
