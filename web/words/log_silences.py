"""A silence of the log as a line of its own: how long nothing was recorded, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from controller.errors import N_
from controller.services.log.entry_log import LogEntry, Silence
from web.words.causes import SILENCE_CAUSES, cause_text
from web.words.words import Words

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
    silences: Sequence[Silence], entries: Sequence[LogEntry], words: Words
) -> dict[int, SilenceRow]:
    """By the number of the record that ended it."""
    wanted = {entry.seq for entry in entries}
    return {silence.before: _row(silence, words) for silence in silences if silence.before in wanted}


def _row(silence: Silence, words: Words) -> SilenceRow:
    if silence.ms is None:
        what = words.translate(N_("Records are missing here; for how long is unknown"))
    else:
        length = words.length(timedelta(milliseconds=silence.ms))
        what = words.translate(N_("Nothing was recorded for {time}"), time=length)
    why = cause_text(words, SILENCE_CAUSES, silence.cause)
    return SilenceRow(
        after=silence.after,
        before=silence.before,
        what=what,
        why=why,
        mood="bad" if silence.cause == UNEXPLAINED else "warn",
    )
