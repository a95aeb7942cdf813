"""A silence of the log as a line of its own: how long nothing was recorded, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from controller.errors import N_
from controller.services.log.entry_log import LogEntry, Silence
from web.words.causes import SILENCE_CAUSES, cause_text
from web.words.language import translate
from web.words.times import seconds_text

UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """Between the records `after` and `before`."""

    after: int
    before: int
    what: str
    why: str
    mood: str


def silence_rows(
    silences: Sequence[Silence], entries: Sequence[LogEntry], language: str
) -> dict[int, SilenceRow]:
    """By the number of the record that ended it."""
    wanted = {entry.seq for entry in entries}
    return {silence.before: _row(silence, language) for silence in silences if silence.before in wanted}


def _row(silence: Silence, language: str) -> SilenceRow:
    if silence.ms is None:
        what = translate(language, N_("Records are missing here, for an unknown time"))
    else:
        length = seconds_text(timedelta(milliseconds=silence.ms), language)
        what = translate(language, N_("Nothing was recorded for {time}"), time=length)
    why = cause_text(language, SILENCE_CAUSES, silence.cause)
    return SilenceRow(
        silence.after, silence.before, what, why, "bad" if silence.cause == UNEXPLAINED else "warn"
    )
