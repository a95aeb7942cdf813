"""`genkan log`: show and follow, over a log with entries and over none it can use."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.controller.commands.command import done, genkan, refused, sentence
from tests.controller.commands.logged import NAMES, grant, journal_of
from tests.waiting import until


def log_lines(data: Path, *more: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(genkan("log", "show", "--data", data, "--json", *more)).lines]


def test_lines_hold_at_least_what_outsiders_rely_on_and_null_for_what_is_absent(logged: Path):
    line = next(line for line in log_lines(logged) if line["type"] == "access_granted")
    assert {"seq", "utc", "type", "door", "access_point", "result", "reason", "person", "badge"} <= set(line)
    assert (line["person"], line["badge"], line["reason"]) == (NAMES[0], "A1B2", None)
    assert line["utc"] == "2026-11-24T06:00:00.000Z"


def test_newest_lines_only(logged: Path):
    lines = log_lines(logged)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert log_lines(logged, "--last", "2") == lines[-2:]
    assert log_lines(logged, "--last", "1000000") == lines


def test_plain_lines_show_the_time_of_the_site_unless_utc_is_wanted(logged: Path):
    """Asia/Tokyo is nine hours ahead."""
    granted = [
        line for line in done(genkan("log", "show", "--data", logged)).lines if "access_granted" in line
    ]
    assert granted[0].split("  ")[1] == "2026-11-24 15:00:00+09:00"
    in_utc = done(genkan("log", "show", "--data", logged, "--utc", "--result", "granted")).lines
    assert in_utc[0].split("  ")[1] == "2026-11-24 06:00:00+00:00"
    assert log_lines(logged, "--utc") == log_lines(logged)


def test_plain_lines_name_who_and_where(logged: Path):
    lines = [line for line in done(genkan("log", "show", "--data", logged)).lines if line[:2] != "--"]
    assert len(lines) == len(log_lines(logged))
    assert lines[-1].split("  ")[2:6] == ["access_granted", "entrance-in", "granted", "-"]


def test_log_can_be_shown_while_the_door_is_writing(logged: Path):
    with journal_of(logged) as journal:
        journal.append([grant("now")])
        assert log_lines(logged)[-1]["person"] == "now"


def test_log_with_records_only_the_door_can_put_in_order_is_not_shown_in_part(logged: Path):
    """A killed door leaves records in the WAL; showing the main file alone would hide them."""
    with journal_of(logged) as journal:
        journal.append([grant("in the WAL")])
        kept = {file: file.read_bytes() for file in (logged / "journal").glob("journal.db*")}
    for file, content in kept.items():
        file.write_bytes(content)
    assert "awaiting recovery" in refused(genkan("log", "show", "--data", logged))


@pytest.mark.parametrize("command", ["show", "follow", "export"])
def test_log_of_a_folder_never_set_up_says_how_to_make_one(tmp_path: Path, command: str):
    assert f"genkan init --data {tmp_path}" in refused(genkan("log", command, "--data", tmp_path))


@pytest.mark.process
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
            journal.append([grant(f"new {count}")])  # before it starts to poll, it sees none of these
            return out.read_text("utf-8").splitlines()

        first = json.loads(until(followed)[0])
        assert first["person"].startswith("new ")
        follower.send_signal(end)
        assert follower.wait(60) == 0
    lines = [json.loads(line)["seq"] for line in out.read_text("utf-8").splitlines()]
    assert lines == list(range(lines[0], lines[0] + len(lines)))
    assert err.read_text() == ""


def test_follow_of_a_folder_without_a_log_is_one_sentence(data: Path):
    (data / "journal" / "journal.db").unlink()
    assert "does not exist yet" in sentence(genkan("log", "follow", "--data", data).err)
