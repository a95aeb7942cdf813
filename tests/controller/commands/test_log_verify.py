"""`genkan log verify`: what it finds in a stopped log, and what it cannot tell; its exit statuses."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.controller.commands.command import genkan, refused
from tests.controller.commands.logged import NAMES
from tests.controller.databases import make_newer


def change(data: Path, *statements: str) -> None:
    """Change the file as a person with access to it would: remove the triggers first."""
    with contextlib.closing(sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def verdict(data: Path) -> tuple[int, str]:
    answer = genkan("log", "verify", "--data", data)
    assert answer.err == ""
    assert answer.lines[1].startswith("Trusted key: genkan/")
    return answer.status, answer.lines[0]


def test_whole_log_is_verified(logged: Path):
    status, sentence = verdict(logged)
    assert status == 0
    assert sentence.startswith(f"OK: {len(NAMES) + 1} records")


def test_byte_flipped_in_a_stopped_log_is_named_by_its_record(logged: Path):
    file = logged / "journal" / "journal.db"
    content = bytearray(file.read_bytes())
    third = content.index(b'"seq":3')
    at = content.rindex(b"granted", 0, third)
    content[at] ^= 1
    file.write_bytes(content)
    assert verdict(logged) == (1, "Tampered: record 3 does not match its hash.")


def test_changed_name_is_named_by_its_record(logged: Path):
    change(logged, "UPDATE events SET details = replace(details, '山田', '田山') WHERE seq = 2")
    assert verdict(logged)[0] == 1
    assert "record 2 " in verdict(logged)[1]


@pytest.mark.process
def test_answer_that_cannot_be_written_is_neither_ok_nor_tampered(logged: Path):
    program = [sys.executable, "-m", "controller.main", "log", "verify", "--data", logged]
    with open("/dev/full", "w") as full:
        ran = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, encoding="utf-8")
    sentence = "Cannot tell: the answer cannot be written (No space left on device).\n"
    assert (ran.returncode, ran.stderr) == (4, sentence)


def test_missing_records_are_named_as_incomplete(logged: Path):
    change(logged, "DELETE FROM events WHERE seq IN (3, 4)")
    assert verdict(logged) == (3, "Incomplete: missing 3–4.")


def test_log_just_begun_is_ok_and_without_its_record_incomplete(data: Path):
    assert verdict(data) == (0, "OK: 1 record, none missing, each as it was written.")
    change(data, "DELETE FROM events")
    assert verdict(data)[0] == 3


@pytest.mark.parametrize("how", ["newer", "corrupt", "empty"])
def test_file_that_is_not_a_log_of_ours_cannot_be_judged_and_cannot_be_shown(logged: Path, how: str):
    file = logged / "journal" / "journal.db"
    if how == "newer":
        make_newer(file)
    else:
        file.write_bytes(b"x" * 8192 if how == "corrupt" else b"")
    status, sentence = verdict(logged)
    assert status == 4
    assert str(file) in sentence
    assert str(file) in refused(genkan("log", "show", "--data", logged))
    assert str(file) in refused(genkan("log", "export", "--data", logged))
    assert str(file) in refused(genkan("log", "follow", "--data", logged))


def test_verify_of_no_log_is_never_called_tampered(logged: Path):
    (logged / "journal/journal.db").unlink()
    assert str(logged) in refused(genkan("log", "verify", "--data", logged), status=4)


def test_folder_and_files_that_cannot_be_read_are_answers_and_neither_tampered_nor_wrong_usage(
    logged: Path, tmp_path: Path
):
    for words in (["--export", tmp_path / "none.csv"], ["--export", tmp_path], ["--checkpoint", tmp_path]):
        answer = genkan("log", "verify", "--data", logged, *words)
        assert (answer.status, answer.err) == (4, "")
        assert f"{words[1]} cannot be read" in answer.lines[0]
    (tmp_path / "loop").symlink_to("loop")
    assert genkan("log", "verify", "--data", tmp_path / "loop").status == 4


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("closed", ["", "journal", "journal/journal.db", "keys"])
def test_folder_without_permission_is_named(logged: Path, closed: str):
    for folder in (logged, *logged.parents[:3], *logged.rglob("*")):
        folder.chmod(0o755)
    verdict(logged)  # what it imports is imported by root
    (logged / closed).chmod(0)
    os.seteuid(65534)
    try:
        answer = genkan("log", "verify", "--data", logged)
    finally:
        os.seteuid(0)
    assert (answer.status, answer.err) == (4, "")
    assert "cannot be read (Permission denied)" in answer.lines[0]


def test_verify_without_a_folder_is_wrong_usage():
    refused(genkan("log", "verify"), status=2)


@pytest.mark.parametrize("number", ["0", "-3", "812x", "8.1", "９", "9" * 40])
def test_number_of_no_record_is_refused_in_one_sentence(logged: Path, number: str):
    answer = genkan("log", "verify", "--data", logged, "--grant", number)
    assert f"{number!r} is not the number of a record, such as 812." in refused(answer, 2)


def test_record_that_is_no_grant_or_is_not_there_cannot_be_followed(logged: Path):
    for number, sentence in (("1", "is not a grant"), ("99", "there is no record 99")):
        answer = genkan("log", "verify", "--data", logged, "--grant", number)
        assert answer.status == 4 and sentence in answer.lines[0]
