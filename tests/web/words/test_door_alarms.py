"""What is wrong at the door, in words for a tired person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.config import Config
from controller.services.doors.now import ServiceState
from web.words.alarm_banners import AlarmBanner
from web.words.causes import FAILURE_CAUSES
from web.words.door_alarms import door_alarms
from web.words.words import Words

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
AT_NINE = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)  # 09:12 in Tokyo


def alarms(config: Config, state: ServiceState | None, language: str = "en") -> list[AlarmBanner]:
    return list(door_alarms(True, state, NOW, Words.of_site(config, language), config))


def remembering(config: Config) -> Config:
    door = replace(config.doors["entrance"], when_journal_fails="remember")
    store = replace(config.doors["entrance"], name="store", label_en="store")
    return replace(config, doors={"entrance": door, "store": store})


def test_sound_door_gives_no_alarm(config: Config) -> None:
    assert alarms(config, ServiceState()) == []
    assert alarms(config, None) == []


def test_of_a_door_service_that_ended_nothing_else_is_reported(config: Config) -> None:
    (alarm,) = door_alarms(False, ServiceState(journal="failing"), NOW, Words.of_site(config, "en"), config)
    assert alarm.urgent
    assert alarm.what == "The door service is not running."


def test_replaced_list_says_what_the_doors_of_this_site_do(config: Config) -> None:
    state = ServiceState(registry_rolled_back=True)
    (refusing,) = alarms(config, state)
    (admitting,) = alarms(replace(config, log=replace(config.log, unaccounted="alarm")), state)
    assert (
        "the doors refuse anyone whose" in refusing.meaning
        and "New rights have no effect" in refusing.meaning
    )
    assert "the doors admit people also" in admitting.meaning and "refuse" not in admitting.meaning


def test_failing_log_tells_since_when_why_and_that_nobody_gets_in(config: Config) -> None:
    state = ServiceState(journal="failing", journal_since=AT_NINE, journal_cause="disk_full")
    (alarm,) = alarms(config, state)
    assert alarm.what == "The log has not been writable since 2026-11-24 09:12. Cause: the disk is full."
    assert "Nobody can enter by badge" in alarm.meaning
    assert "Leaving always works" in alarm.meaning
    assert alarm.urgent


def test_unread_log_says_that_rules_about_who_is_inside_refuse_nobody(config: Config) -> None:
    (alarm,) = alarms(config, ServiceState(presence="unknown", presence_since=AT_NINE))
    assert alarm.urgent and "Since 2026-11-24 09:12" in alarm.what
    assert "supervisor present" in alarm.meaning
    (undated,) = alarms(config, ServiceState(presence="unknown"))
    assert undated.what == "The door cannot read from the log who is inside."


def test_holder_of_the_lock_is_named(config: Config) -> None:
    state = ServiceState(journal="failing", journal_cause="locked", journal_detail="sqlite3 (4711)")
    assert "another program holds the log's file (sqlite3 (4711))" in alarms(config, state)[0].what


def test_program_that_holds_the_log_is_named_before_a_record_fails_and_while_its_file_grows(
    config: Config,
) -> None:
    (locked,) = alarms(
        config, ServiceState(journal_held="lock", held_by="python3 (4711)", held_since=AT_NINE)
    )
    assert locked.urgent and "has locked the log. Program: python3 (4711)." in locked.what
    assert "Leaving always works" in locked.meaning
    (reading,) = alarms(config, ServiceState(journal_held="reading"))
    assert not reading.urgent and "its file on the disk grows." in reading.what
    assert "Stop this program" in reading.todo
    failing = ServiceState(
        journal="failing", journal_cause="locked", journal_held="lock", held_by="python3 (4711)"
    )
    assert "(python3 (4711))" in alarms(config, failing)[0].what and len(alarms(config, failing)) == 1


def test_remembering_says_which_doors_admit_and_which_do_not(config: Config) -> None:
    (alarm,) = alarms(remembering(config), ServiceState(journal="remembering", remembered=37))
    assert "37 records are in memory only." in alarm.meaning
    assert "entrance: people can still enter, for at most 30 minutes and 500 records" in alarm.meaning
    assert "store: nobody can enter by badge." in alarm.meaning
    assert "Do not switch the controller off" in alarm.todo


def test_door_that_may_remember_no_more_says_what_is_still_in_memory(config: Config) -> None:
    (alarm,) = alarms(config, ServiceState(journal="failing", remembered=500))
    assert alarm.meaning.startswith("500 records are in memory only. Nobody can enter by badge")
    assert alarm.todo.startswith("Do not switch the controller off")
    assert "memory" not in alarms(remembering(config), ServiceState(journal="remembering"))[0].meaning


def test_full_disk_is_distinguished_from_a_log_that_fails_all_the_same(config: Config) -> None:
    assert "still work" in alarms(config, ServiceState(reserve="released"))[0].meaning
    both = alarms(config, ServiceState(reserve="released", journal="failing"))
    assert [alarm.urgent for alarm in both] == [True, True]
    assert "still work" not in both[1].meaning


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(minutes=3), "less than an hour"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_copy_of_the_badges_has_its_age_in_coarse_steps(config: Config, age: timedelta, words: str) -> None:
    (alarm,) = alarms(config, ServiceState(registry="last_good", registry_copy_utc=NOW - age))
    assert f"({words} old)" in alarm.what
    assert not alarm.urgent


def test_configuration_on_its_last_good_copy_names_the_problem(config: Config) -> None:
    state = ServiceState(config="last_good", config_problem="not_toml", config_problem_fields={"line": 12})
    english, japanese = (alarms(config, state, language)[0] for language in ("en", "ja"))
    assert english.what.endswith("Line 12 of genkan.toml is not valid TOML.")
    assert japanese.what.endswith("genkan.toml の 12 行目が TOML として正しくありません。")
    for todo in (english.todo, japanese.todo):
        assert "genkan check" in todo and "systemctl restart 'genkan-*'" in todo


@pytest.mark.parametrize("cause", list(FAILURE_CAUSES))
def test_every_cause_has_words_in_both_languages(config: Config, cause: str) -> None:
    state = ServiceState(journal="failing", journal_cause=cause)
    english, japanese = (alarms(config, state, language)[0].what for language in ("en", "ja"))
    assert cause not in english
    assert cause not in japanese
    assert english != japanese


def test_state_of_a_newer_door_is_an_alarm_rather_than_silence(config: Config) -> None:
    assert alarms(config, ServiceState(journal="melting", journal_cause="heat"))[0].what.endswith(
        "Cause: heat."
    )


@pytest.mark.parametrize("trouble", ["lost", "foreign"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_key_of_the_log_that_is_not_its_own_asks_people_to_keep_both(
    config: Config, trouble: str, language: str
) -> None:
    (alarm,) = alarms(config, ServiceState(log_key=trouble), language)
    assert alarm.urgent
    assert ("両方の鍵" if language == "ja" else "keep both keys") in alarm.todo


def test_disk_without_room_for_a_reserve_is_not_called_full(config: Config) -> None:
    (alarm,) = alarms(config, ServiceState(reserve="none"))
    assert not alarm.urgent
    assert "full;" not in alarm.what
    assert "Free some space" in alarm.todo
