"""Anti-passback on the pages: the sentence has a part for each setting that is used."""

import pytest

from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import FULL
from tests.web.sample_words import sample_words
from web.rules.anti_passback import sentence
from web.words.codes import message_key
from web.words.words import Words

ENFORCE = RuleMode.ENFORCE
INSIDE = "People inside cannot enter again before they leave."


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (
            AntiPassbackSetting(ENFORCE),
            f"{INSIDE} A missed tap out no longer counts once the day ends, at 04:00.",
        ),
        (
            AntiPassbackSetting(ENFORCE, until=PassbackUntil.NEVER),
            f"{INSIDE} A missed tap out counts until the person taps out or an operator corrects it.",
        ),
        (AntiPassbackSetting(ENFORCE, False, 5), "Nobody can enter a second time within 5 minutes."),
        (
            AntiPassbackSetting(ENFORCE, False, outer_first=True),
            "Nobody can enter an inner area without entering the outer area first.",
        ),
    ],
)
def test_sentence_has_a_part_for_each_setting_that_is_used(
    setting: AntiPassbackSetting, expected: str
) -> None:
    assert sentence(sample_words(FULL), setting) == expected


def test_words_of_a_choice_come_from_the_file_of_its_rule() -> None:
    assert Words("ja").translate(message_key(PassbackUntil.DAY_ENDS)) == "一日の終わりまで"
