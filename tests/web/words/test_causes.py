"""Every code of the journal outside the model's enums has words."""

from controller.journal.failures import FailureCause as Failure
from controller.journal.silences import SilenceCause as Silence
from web.words.causes import FAILURE_CAUSES, KEY_CAUSES, SEAL_CAUSES, SILENCE_CAUSES, cause_text
from web.words.words import Words


def test_every_cause_the_journal_knows_has_words() -> None:
    assert set(FAILURE_CAUSES) == {cause.value for cause in Failure}
    assert set(SILENCE_CAUSES) == {cause.value for cause in Silence}
    assert set(SEAL_CAUSES) == {"events", "hour", "stop", "month", "key", "asked"}
    assert set(KEY_CAUSES) == {"started", "restored", "boot", "day", "lost"}


def test_words_differ_between_the_languages() -> None:
    for words in (FAILURE_CAUSES, SILENCE_CAUSES, SEAL_CAUSES, KEY_CAUSES):
        for key in words.values():
            assert Words("ja").translate(key) != key


def test_code_of_a_newer_program_is_shown_as_it_is() -> None:
    assert cause_text(Words("en"), KEY_CAUSES, "moon") == "moon"
