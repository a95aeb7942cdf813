"""How long an erasure waits."""

from datetime import timedelta
from pathlib import Path

import pytest

from controller.config import load
from tests.controller.config.texts import WHOLE, refused, write


def test_erasure_waits_for_a_week_or_the_days_that_are_written(tmp_path: Path) -> None:
    assert load(write(tmp_path, WHOLE)).people.erase_after == timedelta(days=7)
    for days in (1, 90):
        text = WHOLE + f'\n[people]\nerase_after = "{days}d"\n'
        assert load(write(tmp_path, text)).people.erase_after == timedelta(days=days)


@pytest.mark.parametrize("value", ['"0d"', '"91d"', '"7"', '"7 d"', '"１d"', '"12h"', "7", "true", '"-1d"'])
def test_any_other_waiting_time_is_refused_with_what_is_allowed(tmp_path: Path, value: str) -> None:
    sentence = refused(tmp_path, WHOLE + f"\n[people]\nerase_after = {value}\n")
    assert "[people] erase_after" in sentence and 'days from "1d" to "90d"' in sentence
