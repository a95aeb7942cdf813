"""`genkan log`: show, follow, export, verify, over a log with entries and over none it can use."""

import contextlib
import csv
import io
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.journal.append import Journal
from controller.model.events import Event, EventType
from tests.controller.commands.command import contents, done, genkan, refused, sentence
from tests.controller.databases import make_newer
from tests.sample_house import NOW
from tests.waiting import until

NAMES = ("山田 花子", "=HYPERLINK(1)", "＝1+1", "@x", "-2", 'Maria "Mia" Rossi, née Õ', "😀")


def grant(name: str) -> Event:
    return Event(
        EventType.ACCESS_GRANTED,
        NOW,
        door="entrance",
        access_point="entrance-in",
        result="granted",
        person="p1",
        details={"name": name, "last_four": "A1B2"},
    )


@contextlib.contextmanager
def journal_of(data: Path):
    """As the door holds it; stopped again afterwards."""
    with contextlib.closing(Journal.open(data / "journal" / "journal.db", "abc")) as journal:
        yield journal


@pytest.fixture
def logged(data: Path) -> Path:
    with journal_of(data) as journal:
        journal.append([grant(name) for name in NAMES])
    return data


def shown(data: Path, *more: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(genkan("log", "show", "--data", data, "--json", *more)).lines]


def test_lines_hold_at_least_what_outsiders_rely_on_and_null_for_what_is_absent(logged: Path):
    line = shown(logged)[0]
    assert {"seq", "utc", "type", "door", "access_point", "result", "reason", "person", "badge"} <= set(line)
    assert (line["seq"], line["person"], line["badge"], line["reason"]) == (1, NAMES[0], "A1B2", None)
    assert line["utc"] == "2026-11-24T06:00:00.000Z"


def test_newest_lines_only(logged: Path):
    assert [line["seq"] for line in shown(logged, "--last", "2")] == [6, 7]
    assert len(shown(logged, "--last", "1000000")) == len(NAMES)


def test_plain_lines_name_who_and_where(logged: Path):
    lines = done(genkan("log", "show", "--data", logged)).lines
    assert len(lines) == len(NAMES)
    assert lines[0].split("  ")[2:6] == ["access_granted", "entrance-in", "granted", "-"]


def test_log_can_be_shown_while_the_door_is_writing(logged: Path):
    with journal_of(logged) as journal:
        journal.append([grant("now")])
        assert shown(logged)[-1]["person"] == "now"


def test_log_with_records_only_the_door_can_put_in_order_is_not_shown_in_part(logged: Path):
    """A killed door leaves records in the WAL; showing the main file alone would hide them."""
    with journal_of(logged) as journal:
        journal.append([grant("in the WAL")])
        kept = {file: file.read_bytes() for file in (logged / "journal").glob("journal.db*")}
    for file, content in kept.items():
        file.write_bytes(content)
    assert "awaiting recovery" in refused(genkan("log", "show", "--data", logged))


@pytest.mark.parametrize(("language", "header"), [("ja", "番号"), ("en", "No.")])
def test_export_has_every_row_words_of_the_language_and_no_formula(
    logged: Path, tmp_path: Path, language: str, header: str
):
    file = tmp_path / "log.csv"
    answer = genkan("log", "export", "--data", logged, "--output", file, "--language", language)
    assert (answer.status, answer.err, answer.out) == (0, f"{len(NAMES)} rows exported.\n", b"")
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == header
    assert [row[2].removeprefix("'") for row in rows[1:]] == list(NAMES)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))]
    assert rows[1][1] == "2026-11-24 15:00:00+09:00"


def test_export_goes_to_standard_output_and_counts_on_the_other(logged: Path):
    answer = genkan("log", "export", "--data", logged)
    assert answer.text.count("\r\n") == len(NAMES) + 1
    assert answer.err == f"{len(NAMES)} rows exported.\n"


def test_export_is_itself_among_the_operators_actions(logged: Path):
    genkan("log", "export", "--data", logged)
    assert "log_exported" in str(contents(logged)["registry/registry.db"])


@pytest.mark.parametrize("output", ["a folder", "below a file", "empty"])
def test_export_to_nowhere_is_refused(logged: Path, tmp_path: Path, output: str):
    where = {"a folder": tmp_path, "below a file": logged / "genkan.toml" / "x", "empty": ""}[output]
    refused(
        genkan("log", "export", "--data", logged, "--output", where), 1 if output == "below a file" else 2
    )


def change(data: Path, *statements: str) -> None:
    """As somebody with the file in their hands would: triggers taken away first."""
    with contextlib.closing(sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def verdict(data: Path) -> tuple[int, str]:
    answer = genkan("log", "verify", "--data", data)
    assert answer.err == ""
    assert len(answer.lines) == 1
    return answer.status, answer.text


def test_whole_log_is_verified(logged: Path):
    status, said = verdict(logged)
    assert status == 0
    assert said.startswith(f"OK: {len(NAMES)} records")


def test_byte_flipped_in_a_stopped_log_is_named_by_its_record(logged: Path):
    file = logged / "journal" / "journal.db"
    content = bytearray(file.read_bytes())
    third = content.index(b'"seq":3')
    at = content.rindex(b"granted", 0, third)
    content[at] ^= 1
    file.write_bytes(content)
    assert verdict(logged) == (1, "Tampered: record 3 does not match its hash.\n")


def test_changed_name_is_named_by_its_record(logged: Path):
    change(logged, "UPDATE events SET details = replace(details, '山田', '田山') WHERE seq = 1")
    assert verdict(logged)[0] == 1
    assert "record 1 " in verdict(logged)[1]


def test_missing_records_are_named_as_incomplete(logged: Path):
    change(logged, "DELETE FROM events WHERE seq IN (3, 4)")
    assert verdict(logged) == (3, "Incomplete: missing 3–4.\n")


def test_log_without_a_record_cannot_be_told(data: Path):
    assert verdict(data)[0] == 4


@pytest.mark.parametrize("how", ["newer", "corrupt", "empty"])
def test_file_that_is_no_log_of_ours_cannot_be_told_and_cannot_be_shown(logged: Path, how: str):
    file = logged / "journal" / "journal.db"
    if how == "newer":
        make_newer(file)
    else:
        file.write_bytes(b"x" * 8192 if how == "corrupt" else b"")
    status, said = verdict(logged)
    assert status == 4
    assert str(file) in said
    assert str(file) in refused(genkan("log", "show", "--data", logged))
    assert str(file) in refused(genkan("log", "export", "--data", logged))
    assert str(file) in refused(genkan("log", "follow", "--data", logged))


@pytest.mark.parametrize("missing", ["genkan.toml", "journal/journal.db"])
def test_verify_of_no_log_is_never_called_tampered(logged: Path, missing: str):
    (logged / missing).unlink()
    assert str(logged) in refused(genkan("log", "verify", "--data", logged), status=4)


def test_verify_without_a_folder_is_wrong_usage():
    refused(genkan("log", "verify"), status=2)


@pytest.mark.parametrize("command", ["show", "follow", "export"])
def test_log_of_a_folder_never_set_up_says_how_to_make_one(tmp_path: Path, command: str):
    assert f"genkan init --data {tmp_path}" in refused(genkan("log", command, "--data", tmp_path))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_follow_prints_what_is_new_until_it_is_ended(logged: Path, tmp_path: Path, end: signal.Signals):
    out, err = tmp_path / "out", tmp_path / "err"
    words = [sys.executable, "-m", "controller.main", "log", "follow", "--data", str(logged), "--json"]
    with (
        journal_of(logged) as journal,
        out.open("wb") as stdout,
        err.open("wb") as stderr,
        subprocess.Popen(words, stdout=stdout, stderr=stderr) as follower,
    ):
        count = 0

        def followed() -> list[str]:
            nonlocal count
            count += 1
            journal.append([grant(f"new {count}")])  # until it has begun to look, it sees none of these
            return out.read_text("utf-8").splitlines()

        first = json.loads(until(followed, 30)[0])
        assert first["person"].startswith("new ")
        follower.send_signal(end)
        assert follower.wait(10) == 0
    lines = [json.loads(line)["seq"] for line in out.read_text("utf-8").splitlines()]
    assert lines == list(range(lines[0], lines[0] + len(lines)))
    assert err.read_text() == ""


def test_follow_of_a_folder_without_a_log_is_one_sentence(data: Path):
    (data / "journal" / "journal.db").unlink()
    assert "does not exist yet" in sentence(genkan("log", "follow", "--data", data).err)
