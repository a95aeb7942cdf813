"""The data folder and its databases, as every command finds them: not set up, newer, corrupt."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.config import keep_as_last_good, load
from controller.registry.schema import SCHEMA
from tests.controller.commands.command import done, genkan, refused, sentence
from tests.controller.databases import make_newer
from tests.controller.services.backups import Keyring, inside
from tests.controller.test_migration_cut import registry_at


@pytest.mark.parametrize("how", [make_newer, lambda file: file.write_bytes(b"x" * 8192)])
@pytest.mark.parametrize(
    "words",
    [
        ["badge", "list"],
        ["badge", "add", "--holder", "A", "--idm", "0101031284C01234"],
        ["badge", "lost", "--idm", "0101031284C0FFEE"],
        ["operator", "list"],
        ["log", "export"],
    ],
)
def test_registry_newer_or_corrupt_is_named_and_left_as_it_is(data: Path, how, words: list[str]):
    file = data / "registry" / "registry.db"
    how(file)
    before = file.read_bytes()
    assert str(file) in refused(genkan(*words, "--data", data))
    assert file.read_bytes() == before


def test_damage_deep_in_the_registry_is_a_sentence_too(data: Path):
    file = data / "registry" / "registry.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "restore it from a backup" in refused(genkan("badge", "list", "--data", data))


@pytest.mark.parametrize("missing", ["genkan.toml", "registry/registry.db"])
def test_folder_that_is_not_set_up_says_how_to_make_one(data: Path, missing: str):
    (data / missing).unlink()
    assert f"genkan init --data {data}" in refused(genkan("badge", "list", "--data", data))


def test_folder_without_its_key_can_be_read_and_not_changed(data: Path):
    (data / "keys/shared/card_number.key").unlink()
    done(genkan("badge", "list", "--data", data))
    assert "card_number.key" in refused(genkan("badge", "lost", "--idm", "0101031284C0FFEE", "--data", data))


def test_folder_that_is_a_file_is_refused(data: Path):
    assert "not a Genkan data folder" in refused(genkan("badge", "list", "--data", data / "genkan.toml"))


def damaged(data: Path, kept: bool) -> None:
    """genkan.toml ends in the midst of a line; with the copy that a door which started keeps, or without."""
    if kept:
        keep_as_last_good(load(data / "genkan.toml"))
    (data / "genkan.toml").write_text("[site\n", "utf-8")


@pytest.mark.parametrize("words", [["log", "show"], ["badge", "list"], ["log", "verify"]])
def test_damaged_configuration_is_read_from_the_last_good_copy_with_one_sentence(
    data: Path, words: list[str]
):
    before = done(genkan(*words, "--data", data)).out
    damaged(data, kept=True)
    again = genkan(*words, "--data", data)
    assert (again.status, again.out) == (0, before)
    if words != ["log", "verify"]:  # which needs none
        assert "using the last valid configuration" in sentence(again.err)


def test_damaged_configuration_without_a_copy_is_refused_but_to_the_verifier(data: Path):
    damaged(data, kept=False)
    assert "not valid TOML" in refused(genkan("log", "show", "--data", data))
    assert done(genkan("log", "verify", "--data", data)).text.startswith("OK")


def test_check_goes_by_what_is_in_the_file(data: Path):
    damaged(data, kept=True)
    assert genkan("check", "--config", data / "genkan.toml").status == 1


def test_backup_of_a_folder_with_a_damaged_configuration_holds_the_good_one(data: Path, tmp_path: Path):
    good = (data / "genkan.toml").read_bytes()
    damaged(data, kept=True)
    ring, file = Keyring(), tmp_path / "backup.age"
    answer = genkan("backup", "--data", data, "--output", file, "--recipient", ring.recipient)
    assert answer.status == 0, answer.err
    assert inside(file, ring.decipher(tmp_path))["genkan.toml"] == good


def test_data_folder_may_be_named_by_the_environment(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENKAN_DATA", str(data))
    assert done(genkan("badge", "list")).lines == done(genkan("badge", "list", "--data", data)).lines
    assert str(data / "genkan.toml") in genkan("check").text


def test_typed_data_folder_goes_before_the_environment(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENKAN_DATA", str(data / "nowhere"))
    assert done(genkan("badge", "list", "--data", data)).lines
    assert str(data / "genkan.toml") in genkan("check", "--config", data / "genkan.toml").text


@pytest.mark.parametrize("words", [["badge", "list"], ["log", "show"], ["check"], ["door"], ["init"]])
def test_folder_that_nobody_names_is_asked_for(words: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENKAN_DATA", "")
    refusal = refused(genkan(*words), 2)
    assert "--data" in refusal and "GENKAN_DATA" in refusal


def test_folder_and_configuration_typed_together_are_wrong_usage(data: Path):
    assert "not both" in refused(genkan("check", "--data", data, "--config", data / "genkan.toml"), 2)


@pytest.mark.parametrize(
    "words",
    [["badge", "list"], ["person", "list"], ["operator", "list"], ["rules", "show"], ["log", "verify"]],
)
def test_command_that_only_reads_works_while_no_registrar_runs_and_writes_no_file(
    data: Path, words: list[str]
):
    def files() -> dict[Path, tuple[int, int]]:
        return {one: (one.stat().st_size, one.stat().st_mtime_ns) for one in data.rglob("*")}

    shutil.rmtree(data / "registry" / "private")
    before = files()
    done(genkan(*words, "--data", data))
    assert files() == before


def test_command_upgrades_a_folder_whose_registrar_does_not_run(data: Path):
    file = data / "registry" / "registry.db"
    file.unlink()
    registry_at(SCHEMA - 1, file)
    done(genkan("person", "list", "--data", data))
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
