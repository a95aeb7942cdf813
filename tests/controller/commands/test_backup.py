"""`genkan backup` and `genkan restore` as they are typed."""

import json
from pathlib import Path

import pyrage
import pytest

from controller.config import load
from controller.model.operators import MACHINE
from controller.runtime.clock import Clock
from controller.services.backup.archive import MANIFEST
from controller.services.people import people
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, listed, refused, sentence, unchanged
from tests.controller.erasure import erase, without_waiting
from tests.controller.issuing.quick_station import sealed
from tests.controller.services.backups import Keyring, inside
from tests.sample_site import CHEAP


@pytest.fixture
def quick_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real age file without its second of scrypt; `test_ciphers.py` holds what it costs."""
    monkeypatch.setattr(pyrage.passphrase, "encrypt", sealed)


def backed_up(data: Path, folder: Path, ring: Keyring) -> Path:
    file = folder / "backup.age"
    words = ["backup", "--data", data, "--output", file, "--recipient", ring.recipient]
    output = done(genkan(*words)).lines
    assert f"{file}.keys" in output[1] and "another place" in output[1]
    return file


def test_backup_comes_back_as_the_same_site(data: Path, tmp_path: Path):
    ring = Keyring()
    file, new = backed_up(data, tmp_path, ring), tmp_path / "new"
    before = listed(data)
    manifest = json.loads(inside(file, ring.decipher(tmp_path))[MANIFEST])
    words = ["--from", file, "--keys", f"{file}.keys", "--identity", ring.file(tmp_path)]
    output = done(genkan("restore", "--data", new, *words)).text
    assert f"{manifest['log']['records']} records" in output
    assert (key := (new / "keys/shared/log.vkey").read_text().strip()) in output
    assert key != (data / "keys/shared/log.vkey").read_text().strip()
    assert "█" in output or "▀" in output
    assert "none was in force at the time of the backup" in output and "began or ended after it" in output
    assert listed(new) == before
    assert done(genkan("check", "--config", new / "genkan.toml")).status == 0
    assert "not empty" in refused(genkan("restore", "--data", new, *words))


def test_backup_says_whom_it_still_holds_though_they_were_erased(data: Path, tmp_path: Path):
    ring = Keyring()
    done(genkan("badge", "add", "--data", data, "--holder", "消去 花子", "--idm", "0101031284C01234"))
    with Site.open(load(data / "genkan.toml"), Clock().now, CHEAP) as site:
        (person,) = people.named(site.acting(MACHINE), "消去 花子")
        without_waiting(site)
        erase(site, person.id, site.now())
    words = ["backup", "--data", data, "--output", tmp_path / "b.age", "--recipient", ring.recipient]
    answer = genkan(*words)
    assert answer.status == 0
    assert "still holds 1 people whose erasure waits" in sentence(answer.err)


@pytest.mark.usefixtures("quick_passphrase")
def test_backup_and_keys_swapped_are_reported(data: Path, tmp_path: Path):
    ring = Keyring()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a sentence nobody will guess\n")
    ways = [
        (["--recipient", ring.recipient], ["--identity", ring.file(tmp_path)]),
        (["--passphrase-file", passphrase], ["--passphrase-file", passphrase]),
    ]
    for number, (encrypted, opened) in enumerate(ways):
        file = tmp_path / f"{number}.age"
        done(genkan("backup", "--data", data, "--output", file, *encrypted))
        output = refused(
            genkan("restore", "--data", tmp_path / "new", "--from", f"{file}.keys", "--keys", file, *opened)
        )
        assert "--from and --keys are swapped" in output


@pytest.mark.usefixtures("quick_passphrase")
def test_passphrase_serves_both_ways(data: Path, tmp_path: Path):
    passphrase, file = tmp_path / "passphrase", tmp_path / "backup"
    passphrase.write_text("a sentence nobody will guess\n")
    done(genkan("backup", "--data", data, "--output", file, "--passphrase-file", passphrase))
    words = ["--from", file, "--keys", f"{file}.keys", "--passphrase-file"]
    wrong = tmp_path / "wrong"
    wrong.write_text("a sentence somebody guessed")
    new = tmp_path / "new"
    assert "passphrase does not open" in refused(genkan("restore", "--data", new, *words, wrong))
    assert not new.exists()
    done(genkan("restore", "--data", new, *words, passphrase))
    assert listed(new) == listed(data)


@pytest.mark.parametrize("more", [[], ["--recipient", "age1x", "--passphrase-file", "x"]])
def test_neither_or_both_ways_of_encrypting_are_wrong_usage(data: Path, tmp_path: Path, more: list[str]):
    refused(genkan("backup", "--data", data, "--output", tmp_path / "x", *more), status=2)


def test_neither_way_of_opening_is_wrong_usage(tmp_path: Path):
    words = ["--from", tmp_path / "x", "--keys", tmp_path / "y"]
    refused(genkan("restore", "--data", tmp_path / "new", *words), status=2)


def test_existing_output_and_a_folder_that_is_none_are_refused(data: Path, tmp_path: Path):
    ring = Keyring()
    file = backed_up(data, tmp_path, ring)
    words = ["--output", file, "--recipient", ring.recipient]
    with unchanged(data):
        assert "already exists" in refused(genkan("backup", "--data", data, *words))
        assert "not an age recipient" in refused(
            genkan("backup", "--data", data, "--output", tmp_path / "y", "--recipient", "age1x")
        )
    assert "genkan init" in refused(genkan("backup", "--data", tmp_path / "none", *words))
