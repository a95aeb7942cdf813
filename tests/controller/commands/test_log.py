"""`genkan log`: show, follow, export, over a log with entries and over none it can use."""

import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.controller.commands.command import contents, done, genkan, refused, sentence
from tests.controller.commands.logged import NAMES, grant, journal_of
from tests.waiting import until


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
    assert (answer.status, answer.out) == (0, b"")
    assert answer.err.startswith(f"{len(NAMES)} rows exported; the proof is in {file}.proof.")
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
