"""`genkan tap` where the log fails: it reports what is not recorded, with exit status 1."""

from pathlib import Path

import click
import pytest

from controller.commands import tap
from controller.config import load
from controller.journal.state import StateFile
from tests.sample_site import NOW


@pytest.mark.parametrize(
    ("reader", "journal", "remembered", "consequence"),
    [
        ("entrance-in", "failing", 2, "the door refuses entry until it can write."),
        ("entrance-out", "failing", 2, "the door lets people leave anyway."),
        ("entrance-in", "remembering", 3, "the door admitted the person; it keeps the passage in memory"),
        ("entrance-in", "failing", 3, "the door admitted the person; it keeps the passage in memory"),
        ("entrance-in", "remembering", 2, "the door refused entry to this badge."),
        ("entrance-out", "remembering", 2, "the door lets people leave anyway."),
    ],
)
def test_tap_that_a_failing_log_does_not_record_names_cause_and_whether_the_door_admitted(
    data: Path, reader: str, journal: str, remembered: int, consequence: str
):
    """Two earlier entries are in memory already; "failing" with one more: this tap was the last that fits."""
    config = load(data / "genkan.toml")
    state = StateFile(config.data / "journal", lambda: NOW)
    state.set(journal="remembering", journal_cause="disk_full", journal_since=NOW.utc, remembered=2)
    answer = tap._Answer(config, config.readers[reader])
    state.set(journal=journal, remembered=remembered)
    with pytest.raises(click.ClickException) as failed:
        answer.wait(failing_for=0, settled=0)
    assert failed.value.message.startswith("not recorded: the log can't be written (disk_full); ")
    assert consequence in failed.value.message
    assert failed.value.exit_code == 1


def test_tap_without_a_record_while_the_log_is_well_says_that_nobody_was_admitted(data: Path):
    config = load(data / "genkan.toml")
    with pytest.raises(click.ClickException) as failed:
        tap._Answer(config, config.readers["entrance-in"], within_s=0).wait()
    assert "recorded nothing within 0 s, so it admitted nobody; it may wait" in failed.value.message
    assert failed.value.exit_code == 1
