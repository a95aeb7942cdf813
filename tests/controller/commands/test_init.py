"""`genkan init`: what it makes, what it keeps, where it refuses."""

import os
import stat
from pathlib import Path

import pytest

from controller.durable import volatile_file_system
from tests.controller.commands.command import contents, done, genkan, refused, unchanged
from tests.controller.databases import make_newer

ADMIN = ("operator", "add", "--name", "anna", "--role", "admin", "--password-file", "-")
PASSWORD = "the badge opens the door at nine\n"


def test_new_folder_holds_everything_and_the_code_is_printed(tmp_path: Path):
    data = tmp_path / "deep" / "data"
    answer = done(genkan("init", "--data", data))
    code = answer.text.split("Set-up code: ")[1].split("\n")[0]
    assert len(bytes.fromhex(code.replace("-", ""))) == 16
    key = data / "keys" / "shared" / "card_number.key"
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o640
    assert {"genkan.toml", "registry/registry.db", "journal/journal.db"} <= set(contents(data))


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o000])
def test_folder_it_created_is_fit_to_run_but_for_its_readers(tmp_path: Path, umask: int):
    before = os.umask(umask)
    try:
        genkan("init", "--data", tmp_path / "data")
    finally:
        os.umask(before)
    answer = genkan("check", "--config", tmp_path / "data" / "genkan.toml")
    failing = [line.split()[1] for line in answer.lines if line.startswith("FAIL")]
    in_memory = volatile_file_system(tmp_path) is not None
    assert set(failing) <= {"readers:", "pins:", *(["data"] if in_memory else [])}


def test_again_creates_the_public_key_that_an_upgraded_folder_lacks(data: Path):
    public = data / "keys" / "shared" / "card_keys.pub"
    before = public.read_text()
    public.unlink()
    checked = genkan("check", "--config", data / "genkan.toml")
    assert any(line.startswith(f"FAIL  badge keys: {public} is missing") for line in checked.lines)
    done(genkan("init", "--data", data))
    assert public.read_text() == before


def test_again_keeps_keys_people_and_configuration_and_gives_a_new_code(data: Path):
    key, config = (data / "keys/shared/card_number.key").read_bytes(), (data / "genkan.toml").read_text()
    people = genkan("badge", "list", "--data", data).text
    first, second = (done(genkan("init", "--data", data)).text for _ in range(2))
    assert first != second
    assert (data / "keys/shared/card_number.key").read_bytes() == key
    assert (data / "genkan.toml").read_text() == config
    assert genkan("badge", "list", "--data", data).text == people


def test_again_says_where_the_log_key_is_in_one_line(data: Path):
    output = done(genkan("init", "--data", data)).lines
    (line,) = [line for line in output if line.startswith("Log key:")]
    assert str(data / "keys" / "shared" / "log.vkey") in line
    assert not any("█" in line or "▀" in line for line in output)


def test_with_an_administrator_there_is_no_further_code_and_nothing_changes(data: Path):
    done(genkan(*ADMIN, "--data", data, typed=PASSWORD))
    with unchanged(data):
        answer = done(genkan("init", "--data", data))
    assert "Set-up code" not in answer.text
    assert "nothing was changed" in answer.text


@pytest.mark.parametrize("place", ["a file", "below a file", "/proc/genkan", "/dev/null/genkan"])
def test_folder_that_cannot_be_created_is_refused(tmp_path: Path, place: str):
    file = tmp_path / "file"
    file.write_text("mine")
    data = {"a file": file, "below a file": file / "data"}.get(place, Path(place))
    output = refused(genkan("init", "--data", data))
    assert str(data) in output
    assert file.read_text() == "mine"


def test_folder_whose_inside_cannot_be_created_is_refused(tmp_path: Path):
    (tmp_path / "registry").write_text("in the way")
    assert str(tmp_path / "registry") in refused(genkan("init", "--data", tmp_path))


def test_bad_configuration_is_named_and_no_database_is_created(tmp_path: Path):
    (tmp_path / "genkan.toml").write_text("[web]\nprot = 1\n")
    with unchanged(tmp_path):
        assert "did you mean port?" in refused(genkan("init", "--data", tmp_path))


def test_lost_key_is_not_replaced_by_another(data: Path):
    """A new key would leave every enrolled badge unknown."""
    (data / "keys/shared/card_number.key").unlink()
    with unchanged(data):
        assert "card_number.key" in refused(genkan("init", "--data", data))


@pytest.mark.parametrize("how", [make_newer, lambda file: file.write_bytes(b"x" * 8192)])
def test_registry_it_cannot_use_is_left_alone(data: Path, how):
    how(data / "registry" / "registry.db")
    with unchanged(data):
        assert "registry.db" in refused(genkan("init", "--data", data))


def test_log_key_is_shown_once_as_text_and_qr_for_the_customers_safe(tmp_path: Path):
    answer = done(genkan("init", "--data", tmp_path))
    (vkey,) = [line.split()[-1] for line in answer.lines if line.startswith("Log key:")]
    assert (tmp_path / "keys/shared/log.vkey").read_text() == f"{vkey}\n"
    assert vkey.startswith("genkan/") and vkey.count("+") >= 2
    assert "█▄▄▄█" in answer.text and "safe" in answer.text
    again = done(genkan("init", "--data", tmp_path))
    assert vkey not in again.text and "█" not in again.text


def test_log_begun_and_not_shown_before_the_power_went_is_shown_by_the_next(tmp_path: Path):
    done(genkan("init", "--data", tmp_path))
    file = tmp_path / "keys/shared/log.vkey"
    vkey = file.read_text()
    file.unlink()
    assert f"Log key:     {vkey}" in done(genkan("init", "--data", tmp_path)).text
    assert file.read_text() == vkey
