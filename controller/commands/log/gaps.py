"""Remarks between two lines of `genkan log show`: silences with their cause, and removed records."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from controller.journal.query import JournalReader
from controller.journal.silences import RecordTime, Silence, SilenceCause, SilenceDetector, usable_utc

_WORDS = {
    SilenceCause.STOPPED: "service stopped",
    SilenceCause.RESTARTED: "started again without a stop: killed or crashed",
    SilenceCause.BOOTED: "another boot without a stop: power cut or crash",
    SilenceCause.JOURNAL_FAILED: "the log could not be written",
    SilenceCause.UNEXPLAINED: "unexplained",
}


class Gaps:
    """Finds the remarks before each line. Call `before` with every line in order."""

    def __init__(self, journal: JournalReader, after: int) -> None:
        self._removal = journal.removal()
        self._detector = SilenceDetector()
        self._seq = after

    def before(self, line: dict[str, Any]) -> Iterator[str]:
        seq = line["seq"]
        if seq > self._seq + 1:
            yield self._missing(self._seq + 1, seq - 1)
        self._seq = seq
        silence = self.silence_before(line)
        if silence is not None:
            yield _silence_text(silence)

    def silence_before(self, line: dict[str, Any]) -> Silence | None:
        """Process a line and return the silence before it. Call this alone for the line before the first."""
        resolved = line["resolved_utc"]
        utc = usable_utc(
            datetime.fromisoformat(line["utc"]),
            line["clock"],
            None if resolved is None else datetime.fromisoformat(resolved),
        )
        return self._detector.add(
            RecordTime(
                seq=line["seq"], boot=line["boot"], mono_ms=line["mono_ms"], utc=utc, type=line["type"]
            )
        )

    def _missing(self, first: int, last: int) -> str:
        which = f"record {first:,} is" if first == last else f"records {first:,} to {last:,} are"
        if self._removal is not None and last <= self._removal.last:
            return f"-- {which} past the retention period, and removed --"
        return f"-- {which} missing; run `genkan log verify` --"


def _silence_text(silence: Silence) -> str:
    long = "of unknown length" if silence.ms is None else f"of {_length(silence.ms)}"
    between = f"between {silence.after:,} and {silence.before:,}"
    return f"-- silence {long} {between}: {_WORDS[silence.cause]} --"


def _length(ms: int) -> str:
    minutes = timedelta(milliseconds=ms) // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    named = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, named))
