"""`genkan log export`: the whole log or a part, with a proof the auditor's program takes, or no file."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.auditor import run_verifier
from tests.controller.commands.command import Answer, contents, done, genkan, refused, unchanged
from tests.controller.commands.logged import NAMES, grant, journal_of


def exported(data: Path, file: Path, *more: str) -> Answer:
    answer = genkan("log", "export", "--data", data, "--output", file, *more)
    assert (answer.status, answer.out) == (0, b"")
    return answer


def proven(data: Path, file: Path) -> str:
    """What the auditor's program answers; it must be OK."""
    status, sentence = run_verifier(file, data / "keys" / "shared" / "log.vkey")
    assert status == 0, sentence
    return sentence


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def log_lines(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(genkan("log", "show", "--data", data, "--json")).lines]


def bodies(file: Path) -> list[dict[str, Any]]:
    return [json.loads(json.loads(line)["body"]) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("language", "header"), [("ja", "番号"), ("en", "No.")])
def test_export_has_every_row_words_of_the_language_and_no_formula(
    logged: Path, tmp_path: Path, language: str, header: str
):
    file = tmp_path / "log.csv"
    count = len(log_lines(logged))
    answer = exported(logged, file, "--language", language)
    assert answer.err.startswith(f"{count} rows exported; the proof is in {file}.proof.")
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    rows = table(content)
    assert rows[0][0] == header
    assert [row[2].removeprefix("'") for row in rows[1:] if row[2]] == list(NAMES)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))]
    assert rows[-1][1] == "2026-11-24 15:00:00+09:00"
    assert proven(logged, file).startswith("OK: ")


def test_export_goes_to_standard_output_and_counts_on_the_other(logged: Path):
    count = len(log_lines(logged))
    answer = genkan("log", "export", "--data", logged)
    assert answer.text.count("\r\n") == count + 1
    assert answer.err == f"{count} rows exported.\n"


def test_export_is_itself_among_the_operators_actions(logged: Path):
    genkan("log", "export", "--data", logged)
    assert "log_exported" in str(contents(logged)["registry/registry.db"])


def test_json_lines_reach_to_a_fresh_checkpoint_and_are_all_there(logged: Path, tmp_path: Path):
    file = tmp_path / "log.jsonl"
    answer = exported(logged, file)
    records = bodies(file)
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    assert records[-1]["action"] == "checkpoint_asked" or records[-1]["type"] == "log_key_added"
    assert proven(logged, file).startswith(f"OK: {len(records)} records")
    note = next(text for text in answer.err.split("\n\n") if text.startswith("genkan/"))
    assert note.split("\n")[1] == str(len(records))
    assert "█" in answer.err, "the checkpoint as a QR code"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_part_of_the_log_is_called_one(logged: Path, tmp_path: Path, kind: str):
    file = tmp_path / f"part.{kind}"
    exported(logged, file, "--door", "entrance", "--month", "2026-11")
    assert f"filtered: {len(NAMES)} of " in proven(logged, file)
    if kind == "jsonl":
        assert {record["type"] for record in bodies(file)} == {"access_granted"}


def test_one_person_is_chosen_by_name_or_reference(data: Path, tmp_path: Path):
    person = done(genkan("badge", "list", "--data", data, "--json")).lines[0]
    name = json.loads(person)["person"]
    with journal_of(data) as journal:
        journal.append([grant("somebody else")])
    exported(data, tmp_path / "by-name.jsonl", "--person", name)
    exported(data, tmp_path / "by-reference.jsonl", "--person", "p1")
    assert bodies(tmp_path / "by-name.jsonl") == []
    assert [record["person"] for record in bodies(tmp_path / "by-reference.jsonl")] == ["p1"]
    assert "filtered: 1 of " in proven(data, tmp_path / "by-reference.jsonl")


@pytest.mark.parametrize(
    ("option", "value", "status", "sentence"),
    [
        ("--month", "2026-13", 2, "write it like 2026-11"),
        ("--month", "November", 2, "write it like 2026-11"),
        ("--month", "2031-01", 1, "no record of 2031-01"),
        ("--door", "cellar", 1, "no door 'cellar'"),
        ("--person", "Nobody Here", 1, "Nobody is called 'Nobody Here'"),
        ("--format", "pdf", 2, "'csv', 'jsonl'"),
    ],
)
def test_what_is_not_known_is_refused_and_nothing_written(
    logged: Path, tmp_path: Path, option: str, value: str, status: int, sentence: str
):
    with unchanged(logged):
        file = tmp_path / "log.csv"
        answer = genkan("log", "export", "--data", logged, "--output", file, option, value)
        assert sentence in refused(answer, status)
    assert not list(tmp_path.glob("log.csv*"))


@pytest.mark.parametrize("output", ["a folder", "below a file", "empty"])
def test_export_to_nowhere_is_refused(logged: Path, tmp_path: Path, output: str):
    where = {"a folder": tmp_path, "below a file": logged / "genkan.toml" / "x", "empty": ""}[output]
    refused(
        genkan("log", "export", "--data", logged, "--output", where), 1 if output == "below a file" else 2
    )


def test_folder_that_is_not_there_is_reported_by_the_name_that_was_specified(logged: Path, tmp_path: Path):
    file = tmp_path / "gone" / "log.csv"
    sentence = refused(genkan("log", "export", "--data", logged, "--output", file), 1)
    assert f"{file}: No such file" in sentence


def test_log_that_cannot_be_signed_costs_the_proof_and_not_the_export(logged: Path, tmp_path: Path):
    shutil.rmtree(logged / "keys" / "door")
    (logged / "keys" / "door").write_text("no folder")
    file = tmp_path / "log.csv"
    (tmp_path / "log.csv.proof").write_text("of an earlier export")
    answer = exported(logged, file)
    assert "without proof. Nothing could be signed: " in answer.err
    assert answer.err.count("\n") == 1
    assert len(table(file.read_bytes())) > len(NAMES)
    assert {path.name for path in tmp_path.glob("*log.csv*")} == {"log.csv"}, "and no proof of another file"


def test_export_that_fails_leaves_what_was_there(logged: Path, tmp_path: Path):
    file = tmp_path / "log.csv"
    exported(logged, file)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("log*")}
    (logged / "journal" / "journal.db").write_bytes(b"not a database")
    refused(genkan("log", "export", "--data", logged, "--output", file))
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*log*")} == before


def test_link_is_followed_and_a_pipe_is_written_to(logged: Path, tmp_path: Path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    exported(logged, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert proven(logged, tmp_path / "real.csv").startswith("OK: ")
    answer = genkan("log", "export", "--data", logged, "--output", "/dev/null")
    assert (answer.status, answer.err.count("\n")) == (0, 1)
    assert Path("/dev/null").is_char_device()
