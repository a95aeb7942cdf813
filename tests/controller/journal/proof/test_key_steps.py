"""The next step about the keys from every state a power cut, a thief or a lost file can leave."""

from datetime import UTC, datetime

import pytest

from controller.journal.proof.key_records import LogKey
from controller.journal.proof.key_steps import (
    DAY_MS,
    Add,
    Begin,
    Cover,
    Destroy,
    Step,
    file_of,
    in_force,
    pending_step,
    replacement_due,
)
from controller.journal.proof.log_keys import KeyFile
from controller.journal.proof.note import VerifierKey
from controller.model.moment import ClockState, Moment

ORIGIN = "genkan/" + "0a" * 16
STRAY = KeyFile(9, "00000000")


def key(seq: int, number: int, cause: str | None = None, note: str | None = None) -> LogKey:
    text = str(VerifierKey(ORIGIN, bytes([number]) * 32))
    kind = "log_started" if cause is None else "log_key_added"
    return LogKey(seq, "{}", kind, ORIGIN, text, number, cause, "boot-1", 1000, note)


FIRST = key(1, 1)
COVERED = key(5, 2, "boot", "note")
WAITS = key(9, 3, "boot")
WAITS_LOST = key(9, 3, "lost")


@pytest.mark.parametrize(
    ("keys", "sealed", "there", "step"),
    [
        ([], 0, [], Begin()),
        ([], 0, [STRAY], Destroy(STRAY)),
        ([FIRST], 0, [FIRST], Cover(FIRST)),
        ([FIRST], 1, [FIRST], None),
        ([FIRST], 1, [FIRST, STRAY], Destroy(STRAY)),
        ([FIRST], 1, [], Add("lost")),
        # A key recorded and not covered yet.
        ([FIRST, WAITS], 7, [FIRST, WAITS], Cover(FIRST)),
        ([FIRST, WAITS], 7, [FIRST], Add("boot")),
        ([FIRST, key(9, 3, "day")], 7, [FIRST], Add("day")),
        ([FIRST, WAITS], 7, [WAITS], Add("lost")),
        ([FIRST, WAITS], 7, [], Add("lost")),
        ([FIRST, WAITS_LOST], 7, [WAITS_LOST], Cover(WAITS_LOST)),
        ([FIRST, WAITS_LOST], 7, [FIRST, WAITS_LOST], Cover(WAITS_LOST)),
        ([FIRST, WAITS_LOST], 7, [FIRST], Add("boot")),
        # Superseded before it was covered.
        ([FIRST, WAITS, key(10, 4, "boot")], 7, [FIRST, WAITS, key(10, 4)], Destroy(file_of(WAITS))),
        ([FIRST, WAITS, key(10, 4, "boot")], 7, [FIRST, key(10, 4)], Cover(FIRST)),
        # Covered: the old one is destroyed.
        ([FIRST, COVERED], 5, [FIRST, COVERED], Destroy(file_of(FIRST))),
        ([FIRST, COVERED], 5, [COVERED], None),
        ([FIRST, COVERED], 5, [], Add("lost")),
    ],
)
def test_next_step_follows_from_journal_and_files_alone(
    keys: list[LogKey], sealed: int, there: list[LogKey | KeyFile], step: Step | None
) -> None:
    files = [file_of(one) if isinstance(one, LogKey) else one for one in there]
    assert pending_step(keys, sealed, files) == step


def test_key_in_force_is_the_newest_that_was_covered() -> None:
    assert in_force([]) is None
    assert in_force([FIRST]) == FIRST
    assert in_force([FIRST, COVERED, WAITS]) == COVERED


def test_key_is_replaced_at_another_boot_and_after_a_day_of_monotonic_time() -> None:
    def at(boot: str, mono_ms: int) -> Moment:
        return Moment(datetime(2026, 11, 24, tzinfo=UTC), mono_ms, boot, ClockState.TRUSTED)

    assert replacement_due([FIRST], at("boot-1", 1000 + DAY_MS - 1)) is None
    assert replacement_due([FIRST], at("boot-1", 1000 + DAY_MS)) == Add("day")
    assert replacement_due([FIRST], at("boot-2", 5)) == Add("boot")
