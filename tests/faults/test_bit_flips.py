"""A bit that turned over in journal.db is found wherever it changed a record, and nothing crashes."""

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from controller.errors import GenkanError
from controller.journal.append import Journal
from deploy.verify import genkan_verify
from tests.faults import journal_workload

FLIPS = 300  # here; a thousand in the long run
QUESTIONS = (
    "SELECT seq, body, leaf, salt, details FROM events ORDER BY seq",
    "SELECT seq, leaf FROM removed ORDER BY seq",
    "SELECT size, note FROM checkpoints ORDER BY size",
)


def contents(file: Path) -> Any:
    """What an auditor is shown; None where SQLite cannot read it."""
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        return [connection.execute(question).fetchall() for question in QUESTIONS]
    except (sqlite3.Error, UnicodeDecodeError):  # the second: of an error's own text
        return None
    finally:
        connection.close()


@pytest.mark.parametrize(
    "flips", [FLIPS, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_flipped_bit_that_changes_a_record_is_detected_and_none_is_a_crash(memory: Path, flips: int) -> None:
    data, chance = memory / "data", random.Random(10)
    journal_workload.run(data)
    file = data / "journal" / "journal.db"
    whole, were = file.read_bytes(), contents(file)
    assert genkan_verify.answer(data=data).code == genkan_verify.OK
    changed = undetected = unreadable = 0
    for _ in range(flips):
        place = chance.randrange(len(whole) * 8)
        spoilt = bytearray(whole)
        spoilt[place // 8] ^= 1 << place % 8
        file.write_bytes(spoilt)
        verdict = genkan_verify.answer(data=data)
        if contents(file) != were:
            changed += 1
            undetected += verdict.code == genkan_verify.OK
        try:
            Journal.open(file, "config-1").close()
        except GenkanError:
            unreadable += 1
        for beside in file.parent.glob("journal.db-*"):
            beside.unlink()
        assert "this program failed" not in verdict.sentence, (place, verdict)
    shutil.rmtree(data)
    print(
        f"\n{flips} flips: {changed} changed what is shown, {undetected} of them not detected, "
        f"{unreadable} stopped the door with one sentence"
    )
    assert changed > flips / 10
    assert undetected == 0
