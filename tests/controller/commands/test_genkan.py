"""The `genkan` command as a whole: help, unknown words, exit statuses, one sentence, no traceback."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from controller.commands.genkan import COMMANDS
from tests.controller.commands.command import genkan, refused, sentence, unchanged

AWKWARD = [
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "nan",
    "x" * 1000,
    "\udc80\udcff",
    "=cmd",
    "😀",
    "../..",
    "/",
    "a\nb",
    "%s",
]


def program(*arguments: str | Path, encoding: str = "utf-8", stdout: int = subprocess.PIPE):
    return subprocess.run(
        [sys.executable, "-m", "controller.main", *(os.fsencode(argument) for argument in arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )


def test_alone_shows_the_help_with_every_command_and_is_wrong_usage():
    answer = genkan()
    assert answer.status == 2
    listed = [line.split()[0] for line in answer.err.split("Commands:\n")[1].splitlines()]
    assert listed == list(COMMANDS)


def test_every_command_explains_itself():
    for command in COMMANDS:
        answer = genkan(command, "--help")
        assert answer.status == 0
        assert f"genkan {command}" in answer.text
        assert answer.err == ""


def test_version_is_reported():
    assert "version" in genkan("--version").text


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["frobnicate"], "frobnicate"),
        (["--frobnicate"], "--frobnicate"),
        (["badge", "frobnicate"], "frobnicate"),
        (["badge", "list"], "--data"),
        (["init", "--data", ""], "--data"),
        (["run", "--data", "x", "--port", "0"], "--port"),
        (["run", "--data", "x", "--port", "70000"], "--port"),
        (["log", "show", "--data", "x", "--last", "0"], "--last"),
        (["log", "export", "--data", "x", "--language", "fr"], "--language"),
        (["sim", "--data", "x"], "WHAT"),
    ],
)
def test_wrong_usage_is_status_2_and_one_sentence_that_names_it(words: list[str], named: str):
    refusal = refused(genkan(*words), status=2)
    assert named in refusal
    assert "--help`" in refusal


def test_arguments_by_chance_never_bring_a_traceback(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Fuzz: any words in any order, without the services, which would run."""
    monkeypatch.chdir(tmp_path)  # where files named by chance may go
    chance = random.Random(20261124)
    commands = [name for name in COMMANDS if name not in ("run", "door", "registrar", "web", "init")]
    words = [
        *AWKWARD, "add", "list", "lost", "suspend", "import", "show", "export", "verify", "reset", "open",
        "--data", "--holder", "--idm", "--level", "--reader", "--hold", "--last", "--json", "--name",
        "--role", "--reason", "--output", "--language", "--password-file", "--dry-run", "--config", "--help",
        "admin", "0101031284C0FFEE", "entrance-in", "unplug", "fire", "on", str(data), str(data),
    ]  # fmt: skip
    for _ in range(300):
        chosen = [chance.choice(words) for _ in range(chance.randrange(8))]
        answer = genkan(chance.choice(commands), *chosen)
        assert answer.status in (0, 1, 2, 4), (chosen, answer)
        assert "Traceback" not in answer.err


@pytest.mark.parametrize("awkward", AWKWARD)
def test_awkward_value_in_any_place_changes_nothing_and_gets_one_sentence(data: Path, awkward: str):
    valid = ["--data", data, "--reason", "x"]
    with unchanged(data):
        for words in (
            ["badge", "add", "--data", data, "--holder", "A", f"--idm={awkward}"],
            [
                "badge",
                "add",
                "--data",
                data,
                "--holder",
                "A",
                "--idm",
                "0101031284C0AAAA",
                f"--level={awkward}",
            ],
            ["badge", "lost", *valid, f"--idm={awkward}"],
            ["tap", "--data", data, "--reader=entrance-in", f"--idm={awkward}"],
            ["tap", "--data", data, f"--reader={awkward}", "--idm", "0101031284C0FFEE"],
            ["sim", "--data", data, "--", awkward],
            ["operator", "reset", "--data", data, "--", awkward],
            ["operator", "add", "--data", data, "--name", "anna", f"--role={awkward}"],
            ["log", "show", f"--data={awkward}"],
            ["badge", "list", f"--data={awkward}"],
        ):
            answer = genkan(*words)
            assert answer.status in (1, 2), (words, answer)
            assert answer.out == b""
            sentence(answer.err)


@pytest.mark.process
def test_terminal_that_cannot_show_a_name_still_gets_the_line(data: Path):
    added = program("badge", "add", "--data", data, "--person", "見本 花子", "--idm", "01010312000077CC")
    assert added.returncode == 0, added.stderr
    answer = program("badge", "list", "--data", data, encoding="iso8859-1")
    assert answer.returncode == 0, answer.stderr
    assert b"\\u898b" in answer.stdout


@pytest.mark.process
def test_path_that_is_not_a_text_is_named_and_is_not_a_traceback(tmp_path: Path):
    answer = program("init", "--data", os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    assert answer.returncode == 0, answer.stderr
    assert b"\\udcff" in answer.stdout


@pytest.mark.process
def test_reader_who_goes_away_is_not_a_traceback(data: Path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        answer = program("badge", "list", "--data", data, stdout=writing)
    finally:
        os.close(writing)
    assert answer.returncode == 1
    assert answer.stderr == b""


@pytest.mark.process
def test_full_disk_behind_the_output_is_one_sentence(data: Path):
    with Path("/dev/full").open("wb") as full:
        answer = program("badge", "list", "--data", data, stdout=full.fileno())
    assert answer.returncode == 1
    assert "No space left" in sentence(answer.stderr.decode())
