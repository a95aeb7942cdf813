"""`genkan log show` says between its lines where nothing was recorded, and what was removed."""

from datetime import timedelta
from pathlib import Path

import pytest

from controller.journal.retire import Removal, remove_step
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from tests.controller.commands.command import done, genkan
from tests.controller.commands.logged import journal_of
from tests.controller.journal.samples import forge
from tests.sample_site import NOW


def at(minutes: float, boot: str = "b1", clock: ClockState = ClockState.TRUSTED) -> Moment:
    return Moment(NOW.utc + timedelta(days=30, minutes=minutes), round((99 + minutes) * 60_000), boot, clock)


def heard(type: EventType, minutes: float, boot: str = "b1", clock: ClockState = ClockState.TRUSTED) -> Event:
    return Event(type, at(minutes, boot, clock))


def gap_lines(data: Path, *more: str) -> list[str]:
    return [line for line in done(genkan("log", "show", "--data", data, *more)).lines if line[:2] == "--"]


BEAT, START, STOP = EventType.HEARTBEAT, EventType.SERVICE_STARTED, EventType.SERVICE_STOPPED


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ([heard(STOP, 0), heard(START, 192)], "of 3 h 12 min between {a} and {b}: service stopped"),
        ([heard(BEAT, 0), heard(START, 16)], "of 16 min between {a} and {b}: started again without a stop"),
        ([heard(BEAT, 0), heard(START, 1560, "b2")], "of 1 d 2 h between {a} and {b}: another boot"),
        ([heard(BEAT, 0), heard(BEAT, 20)], "of 20 min between {a} and {b}: unexplained"),
        (
            [heard(BEAT, 0), heard(START, -(10**7), "b2", ClockState.UNTRUSTED)],
            "of unknown length between {a} and {b}: another boot",
        ),
    ],
)
def test_silence_is_reported_between_the_lines_and_not_in_json(
    logged: Path, story: list[Event], words: str
) -> None:
    with journal_of(logged) as journal:
        a, b = journal.append(story)
    found = [line for line in gap_lines(logged) if f"between {a} and {b}" in line]
    assert len(found) == 1 and words.format(a=a, b=b) in found[0]
    assert gap_lines(logged, "--last", "1") == found  # also before the first line
    assert not gap_lines(logged, "--json")


def test_time_known_later_is_reported_in_json_and_measures_the_silence(logged: Path) -> None:
    with journal_of(logged) as journal:
        lost = Moment(NOW.utc - timedelta(days=9999), at(40).mono_ms, "b2", ClockState.UNTRUSTED)
        a, b, _ = journal.append([heard(STOP, 0), Event(START, lost), heard(BEAT, 60, "b2")])
    assert f"-- silence of 40 min between {a} and {b}: service stopped --" in gap_lines(logged)
    text = done(genkan("log", "show", "--data", logged, "--json", "--last", "2")).lines[0]
    assert '"resolved_utc": "20' in text


def test_removed_records_are_reported_and_missing_ones_too(logged: Path) -> None:
    with journal_of(logged) as journal:
        journal.append([heard(BEAT, i) for i in range(300)])
        removal = {"month": "2024-10", "first": 1, "last": 150, "count": 149}
        seq = journal.append([Event(EventType.MONTH_REMOVED, at(300), codes=removal)])[0]
        while remove_step(journal, Removal(seq, "2024-10", 1, 150)):
            pass
    assert "to 150 are past the retention period, and removed --" in gap_lines(logged)[0]
    forge(logged / "journal", ("DELETE FROM events WHERE seq = 200", ()))
    assert "-- record 200 is missing; run `genkan log verify` --" in gap_lines(logged)
