"""The problem of a record, in both languages; records of earlier versions keep their sentence."""

import json

import pytest

from controller.config import Config
from tests.web.words.test_alarm_cards import LOG, alarm, record
from tests.web.words.test_log_rows import row
from web.words.alarm_cards import alarm_card
from web.words.recorded_problem import recorded_problem
from web.words.words import Words

READER = "entrance-in"
EARLIER = [  # as the versions before codes wrote them
    ("reader_offline", "Reader entrance-in does not answer; check its power, wiring, address and speed."),
    ("config_damaged", "/data/genkan.toml [doors.entrance] lock_pin: 8 is not allowed; write 9 to 13."),
    ("presence_unknown", "/data/journal/journal.db: not created yet; start the door service."),
]


def test_record_of_a_code_has_its_sentence() -> None:
    coded, empty = (
        record("reader_offline", None if details is None else json.dumps(details), reader=READER)
        for details in ({"problem": "line_busy", "path": "/dev/ttyUSB0"}, None)
    )
    assert recorded_problem(coded, Words("en")).startswith(
        "Reader entrance-in cannot be reached: its line at /dev/ttyUSB0 is used by another program;"
    )
    assert "/dev/ttyUSB0" in recorded_problem(coded, Words("ja")) and "。" in recorded_problem(
        coded, Words("ja")
    )
    assert recorded_problem(empty, Words("ja")) == ""


def test_record_of_a_configuration_names_the_place_and_the_value() -> None:
    details = {"problem": "bad_value", "where": "[doors.entrance] lock_pin", "value": "8"}
    damaged = record("config_damaged", json.dumps(details))
    assert (
        recorded_problem(damaged, Words("en"))
        == "[doors.entrance] lock_pin in genkan.toml: 8 is not allowed."
    )
    assert (
        recorded_problem(damaged, Words("ja"))
        == "genkan.toml の [doors.entrance] lock_pin に 8 は使えません。"
    )


@pytest.mark.parametrize(("kind", "sentence"), EARLIER)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_record_created_before_codes_keeps_its_sentence_in_the_log_and_the_alarm(
    config: Config, kind: str, sentence: str, language: str
) -> None:
    before = record(kind, json.dumps({"problem": sentence}), reader=READER)
    card = alarm_card(alarm(before), Words(language), LOG)
    assert recorded_problem(before, Words(language)) == card.problem == sentence
    assert row(config, language, type=kind, details={"problem": sentence}).why == sentence


@pytest.mark.parametrize(("language", "words"), [("en", "the disk is full"), ("ja", "ディスク")])
def test_presence_that_cannot_be_read_shows_the_cause_of_the_log(
    config: Config, language: str, words: str
) -> None:
    unknown = record("presence_unknown", cause="disk_full")
    assert words in alarm_card(alarm(unknown), Words(language), LOG).problem
    assert words in row(config, language, type="presence_unknown", codes={"cause": "disk_full"}).why
