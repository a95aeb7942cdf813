"""`genkan tap` where the log fails: it reports what is not recorded, with exit status 1."""

from pathlib import Path

import click
import pytest

from controller.commands import tap
from controller.config import load
from controller.journal.state import StateFile
from tests.sample_house import NOW


@pytest.mark.parametrize(
    ("reader", "journal", "consequence"),
    [
        ("entrance-in", "failing", "the door refuses entry until it can."),
        ("entrance-out", "failing", "the door lets people leave anyway."),
        ("entrance-in", "remembering", "the door keeps the passage in memory"),
    ],
)
def test_tap_that_a_failing_log_does_not_record_names_cause_and_consequence(
    data: Path, reader: str, journal: str, consequence: str
):
    config = load(data / "genkan.toml")
    state = StateFile(config.data / "journal", lambda: NOW)
    answer = tap._Answer(config, config.readers[reader])
    state.set(journal=journal, journal_cause="disk_full", journal_since=NOW.utc)
    with pytest.raises(click.ClickException) as failed:
        answer.wait(failing_for=0)
    assert failed.value.message.startswith("not recorded: the log can't be written (disk_full); ")
    assert consequence in failed.value.message
    assert failed.value.exit_code == 1
