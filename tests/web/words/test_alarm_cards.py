"""An alarm in words for the person who must act."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller.config import Config
from controller.config.log import Log
from controller.journal.log_entry import LogEntry, entry
from controller.model.events import ALARM_TYPES
from controller.registry.alarms import Acknowledgement
from controller.services.doors.alarms import AcknowledgedAlarm, Alarm
from web.words.alarm_cards import alarm_card, settled_row
from web.words.words import Words

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
LOG = Log(keep_months=25, hold=False, unaccounted="refuse")
BODY = (
    '{"boot":"b","clock":"trusted","config":"c","mono_ms":1,"section":"door","type":"TYPE",'
    '"utc":"2026-11-24T06:00:00.000Z"MORE}'
)


@pytest.fixture
def english(config: Config) -> Words:
    return Words.of_site(config, "en")


@pytest.fixture
def japanese(config: Config) -> Words:
    return Words.of_site(config, "ja")


def record(type: str, details: str | None = None, **codes: str) -> LogEntry:
    more = "".join(f',"{key}":"{value}"' for key, value in codes.items())
    return entry(7, BODY.replace("TYPE", type).replace("MORE", more), details)


def alarm(newest: LogEntry, passage: LogEntry | None = None) -> Alarm:
    return Alarm(newest, AT, (newest.seq,), passage)


@pytest.mark.parametrize("kind", sorted(ALARM_TYPES))
def test_every_kind_has_a_sentence_of_its_own_in_both_languages(
    english: Words, japanese: Words, kind: str
) -> None:
    card, card_ja = (alarm_card(alarm(record(kind)), words, LOG) for words in (english, japanese))
    assert card.todo != card_ja.todo and card.todo.endswith(".") and card_ja.todo.endswith("。")
    assert card.todo != alarm_card(alarm(record("moon_fell")), english, LOG).todo


def test_place_is_the_door_or_where_the_reader_hangs_and_fire_has_none(japanese: Words) -> None:
    def where(**codes: str) -> str:
        return alarm_card(alarm(record("reader_offline", **codes)), japanese, LOG).where

    assert where(door="entrance") == "入口"
    assert where(reader="entrance-in") == "entrance-in"
    assert where(reader="gone") == "gone"
    assert where() == ""


def test_refused_erasure_names_its_reason(english: Words, japanese: Words) -> None:
    refused = alarm(record("erasure_refused", reason="too_early"))
    assert alarm_card(refused, english, LOG).problem == "The waiting time was not over; the door waits for it"
    assert alarm_card(refused, japanese, LOG).problem.startswith("待機期間")


def test_who_was_admitted_last_is_named_unless_erased(english: Words) -> None:
    held = record("door_held_open", door="entrance")
    named = alarm_card(alarm(held, record("access_granted", '{"name":"佐藤"}', person="p")), english, LOG)
    erased = alarm_card(alarm(held, record("access_granted", person="p")), english, LOG)
    assert (named.who, named.person, erased.who) == ("佐藤", "p", "")


def test_alarm_that_names_a_person_shows_who(english: Words) -> None:
    card = alarm_card(alarm(record("duress", '{"name":"佐藤"}', person="p")), english, LOG)
    assert (card.about, card.person, card.who) == ("佐藤", "p", "")
    assert alarm_card(alarm(record("duress", person="p")), english, LOG).about == ""


def test_alarm_whose_record_was_removed_keeps_its_note(english: Words) -> None:
    done = AcknowledgedAlarm(Acknowledgement(7, AT, "SV", "closed it"), None)
    row = settled_row(done, english)
    assert (row.seq, row.what, row.alarm_utc, row.note) == (7, "", None, "closed it")


def test_failed_log_names_its_cause_in_the_language_of_the_page(english: Words, japanese: Words) -> None:
    failed = alarm(record("journal_failed", '{"error":"disk I/O error"}', cause="disk_full"))
    assert alarm_card(failed, english, LOG).problem == "the disk is full"
    assert alarm_card(failed, japanese, LOG).problem not in ("", "the disk is full")


@pytest.mark.parametrize("kind", ["rights_unaccounted", "rights_differ", "registry_rolled_back"])
def test_alarm_about_rights_says_what_the_doors_of_this_site_do_with_them(english: Words, kind: str) -> None:
    refusing = alarm_card(alarm(record(kind)), english, LOG).todo
    admitting = alarm_card(alarm(record(kind)), english, replace(LOG, unaccounted="alarm")).todo
    assert "the doors refuse anyone whose" in refusing and "admit" not in refusing
    assert "the doors admit people also" in admitting and "refuse" not in admitting
