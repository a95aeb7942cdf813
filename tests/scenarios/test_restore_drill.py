"""The drill of a dead SD card, as deploy/README.md has it: an empty folder becomes a door that admits."""

import time
from pathlib import Path

from tests.controller.commands.command import done, genkan
from tests.scenarios.demo import Demo

LONGEST_S = 300  # a third of the quarter of an hour in which a person does it


def test_empty_folder_is_a_door_that_admits_with_all_records_minutes_after_the_backup_is_there(
    demo: Demo, tmp_path: Path
) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a sentence that nobody will guess\n")
    file = tmp_path / "genkan.backup"
    demo.command("backup", "--output", str(file), "--passphrase-file", str(passphrase))
    kept = demo.log()
    demo.stop()
    began = time.monotonic()
    new = tmp_path / "new"
    words = ["--from", file, "--keys", f"{file}.keys", "--passphrase-file", passphrase]
    done(genkan("restore", "--data", new, *words))
    restored = Demo(new)
    try:
        assert restored.tap() == "granted"
        seconds = time.monotonic() - began
        records = restored.log()
    finally:
        restored.stop()
    print(f"\nthe restored door admits after {seconds:.0f} s; {len(records)} records")
    assert seconds <= LONGEST_S
    size = next(index for index, line in enumerate(records) if line["type"] == "log_restored")
    assert 0 < size <= len(kept) and records[:size] == kept[:size], "every record of the backup, as it was"
    assert [line["seq"] for line in records] == list(range(1, len(records) + 1))
    assert done(genkan("log", "verify", "--data", new)).text.startswith("OK: ")
