"""A silence as a line of its own."""

from controller.journal.silences import SilenceCause
from controller.services.log.entry_log import Silence
from tests.web.words.test_log_rows import ENTRY
from web.words.log_silences import silence_rows
from web.words.words import Words

ENTRIES = [ENTRY._replace(seq=seq) for seq in (9, 8, 7)]


def test_silence_is_under_the_record_that_ended_it_with_length_and_cause() -> None:
    rows = silence_rows([Silence(7, 8, 11_520_000, SilenceCause.STOPPED)], ENTRIES, Words("en"))
    assert set(rows) == {8}
    assert (rows[8].what, rows[8].why) == (
        "Nothing was recorded for 3 h 12 min",
        "The door service was stopped.",
    )
    assert rows[8].mood == "warn"


def test_unexplained_silence_says_so_and_appears_worse() -> None:
    row = silence_rows([Silence(7, 8, 1_000_000, SilenceCause.UNEXPLAINED)], ENTRIES, Words("ja"))[8]
    assert row.mood == "bad"
    assert row.why.startswith("原因不明")


def test_length_nobody_knows_is_reported_as_such() -> None:
    assert (
        "for how long is unknown"
        in silence_rows([Silence(7, 8, None, SilenceCause.BOOTED)], ENTRIES, Words("en"))[8].what
    )


def test_silence_of_a_record_that_is_not_shown_is_not_shown_either() -> None:
    assert silence_rows([Silence(2, 3, None, SilenceCause.BOOTED)], ENTRIES, Words("en")) == {}
