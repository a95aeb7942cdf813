"""Every rule and every mode has a sentence in both languages that names whom and what it is about."""

from dataclasses import replace

import pytest

from controller.model.rule_book import DoorMode, DoorRules, ScheduledMode
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.setting import RuleMode
from controller.model.rules.staff_mix import StaffMixSetting
from tests.controller.model.rule_books import EVERY_RULE, FULL
from tests.web.sample_words import sample_words
from web.rules.order import rule_sentence
from web.rules.sentences import door_sentences

ENGLISH, JAPANESE = (sample_words(FULL, language, "<{}>".format) for language in ("en", "ja"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (RuleName.ASSURANCE, "Only badges with at least"),
        (RuleName.QUALIFICATIONS, "Confidentiality agreement"),
        (RuleName.PREREQUISITE, "<locker> earlier on the same day, which ends at 04:00."),
        (RuleName.ANTI_PASSBACK, "within 5 minutes"),
        (RuleName.FIRST_PERSON_IN, "Supervisor"),
        (RuleName.SUPERVISOR_PRESENT, "Agency staff, Regular staff"),
        (RuleName.ESCORT, "Visitor can enter only within 30 seconds"),
        (RuleName.STAFF_MIX, "Every 10 people inside need"),
        (RuleName.OCCUPANCY, "At most 40 people can be inside."),
        (RuleName.INTERLOCK, "<archive>"),
        (RuleName.DUAL_ACCESS, "While 3 or more people are inside, one person is enough."),
    ],
)
def test_sentence_names_whom_and_what_the_rule_is_about(name: RuleName, sentence: str) -> None:
    assert sentence in rule_sentence(ENGLISH, name, EVERY_RULE[name])


@pytest.mark.parametrize("name", RuleName)
def test_every_rule_says_what_it_does_in_both_languages(name: RuleName) -> None:
    english = rule_sentence(ENGLISH, name, EVERY_RULE[name])
    japanese = rule_sentence(JAPANESE, name, EVERY_RULE[name])
    assert english.endswith(".") and japanese.endswith("。") and japanese != english


def test_sentence_says_how_often_a_prerequisite_is_asked() -> None:
    once = PrerequisiteSetting(RuleMode.ENFORCE, "locker")
    again = replace(once, since=PrerequisiteSince.LAST_EXIT)
    assert "must pass <locker> again." in rule_sentence(ENGLISH, RuleName.PREREQUISITE, again)
    assert "again" not in rule_sentence(ENGLISH, RuleName.PREREQUISITE, once)


def test_bounds_that_are_not_set_are_not_spoken_of() -> None:
    only_least = OccupancySetting(RuleMode.ENFORCE, least=2)
    assert "At most" not in rule_sentence(ENGLISH, RuleName.OCCUPANCY, only_least)
    percent = StaffMixSetting(RuleMode.ENFORCE, regular_percent=30)
    assert rule_sentence(ENGLISH, RuleName.STAFF_MIX, percent) == (
        "At least 30 percent of the people inside must be regular staff."
    )


def test_name_the_rules_do_not_have_is_shown_as_it_is() -> None:
    bare = replace(ENGLISH, book=replace(FULL, categories={}))
    sentence = rule_sentence(bare, RuleName.FIRST_PERSON_IN, EVERY_RULE[RuleName.FIRST_PERSON_IN])
    assert sentence.endswith(": sv.")


@pytest.mark.parametrize("mode", DoorMode)
def test_every_mode_of_a_door_has_a_sentence(mode: DoorMode) -> None:
    (english,), (japanese,) = (
        door_sentences(one, DoorRules("entrance", mode)) for one in (ENGLISH, JAPANESE)
    )
    assert english != japanese and english.endswith(".")


def test_scheduled_modes_come_before_the_usual_one() -> None:
    sentence = door_sentences(ENGLISH, FULL.doors["entrance"])
    assert sentence[0].startswith("In the schedule “Reception”, after one of these has entered (Supervisor):")
    assert sentence[1].startswith("In the schedule “Night”:")
    assert sentence[2].startswith("Otherwise:")
    always = DoorRules("entrance", scheduled=(ScheduledMode("always", DoorMode.LOCKED),))
    assert "時間帯「常時」" in door_sentences(JAPANESE, always)[0]
