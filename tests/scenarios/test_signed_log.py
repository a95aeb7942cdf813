"""One key for one boot signs the log of a running site, over kills, a stop and a start."""

import sqlite3
from pathlib import Path

from controller.journal.proof.note import parse_checkpoint
from tests.controller.journal.chain import checked_chain, key_bodies, key_in_force
from tests.scenarios.demo import Demo


def causes(demo: Demo) -> list[tuple[int, str]]:
    with sqlite3.connect(f"file:{demo.data / 'journal' / 'journal.db'}?mode=ro", uri=True) as journal:
        notes = [row[0] for row in journal.execute("SELECT note FROM checkpoints ORDER BY size")]
    checkpoints = [parse_checkpoint(note) for note in notes]
    return [(one.size, one.extensions[-1].removeprefix("genkan-cause ")) for one in checkpoints]


def private(demo: Demo) -> list[str]:
    return [file.name for file in (demo.data / "keys" / "door").iterdir() if file.name.startswith("log-")]


def test_log_of_a_site_that_is_killed_and_stopped_is_signed_by_one_key_to_its_last_record(demo: Demo):
    (line_of_key,) = [line for line in demo.printed.splitlines() if line.startswith("Log key:")]
    vkey = Path(demo.data / "keys" / "shared" / "log.vkey").read_text().strip()
    assert line_of_key.split() == ["Log", "key:", vkey]
    demo.wait_for("reader_online", count=2)
    assert demo.tap() == "granted"
    demo.walk_through()
    before = demo.newest
    demo.kill(demo.service("door"))
    demo.door_answers_again(before)
    assert demo.tap() == "granted"
    demo.stop()
    sealed = causes(demo)
    assert sealed[0] == (1, "key") and sealed[-1] == (demo.newest, "stop")
    folder = demo.data / "journal"
    assert {number for _, number in checked_chain(folder)} == {1}
    assert [body["key"] for body in key_bodies(folder)] == [vkey]
    assert private(demo) == [key_in_force(folder)]

    demo.start()
    assert "Log key:" not in demo.printed
    demo.stop()
    assert causes(demo)[-1] == (demo.newest, "stop")
    assert len(key_bodies(folder)) == 1 and checked_chain(folder)
