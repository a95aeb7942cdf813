"""The data folder and its databases, as every command finds them: not set up, newer, corrupt."""

from pathlib import Path

import pytest

from tests.controller.commands.command import genkan, refused
from tests.controller.databases import make_newer


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


def test_folder_without_its_key_is_refused(data: Path):
    (data / "keys/shared/card_number.key").unlink()
    assert "card_number.key" in refused(genkan("badge", "list", "--data", data))


def test_folder_that_is_a_file_is_refused(data: Path):
    assert "not a Genkan data folder" in refused(genkan("badge", "list", "--data", data / "genkan.toml"))
