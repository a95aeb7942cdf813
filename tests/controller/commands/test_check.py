"""`genkan check`: one line for each check, and status 1 when any of them fails."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.controller.commands.command import done, genkan, refused, unchanged
from tests.controller.databases import make_newer

NAMES = [
    "configuration",
    "data folder",
    "owners",
    "keys",
    "badge keys",
    "SQLite",
    "registry",
    "accounts",
    "journal",
    "rights",
    "pins",
    "locks",
    "readers",
    "clock",
    "door",
]


def results(data: Path, status: int) -> dict[str, str]:
    """Return the message of each check, in the order of NAMES; failures begin with FAIL."""
    with unchanged(data):
        answer = genkan("check", "--config", data / "genkan.toml")
    assert (answer.status, answer.err) == (status, "")
    assert len(answer.lines) == len(NAMES)
    found = {}
    for line, name in zip(answer.lines, NAMES, strict=True):
        ok, rest = line[:6], line[6:]
        assert rest.startswith(f"{name}: ")
        found[name] = ok.strip() + rest.removeprefix(name)
    return found


def failing(data: Path) -> dict[str, str]:
    return {name: found for name, found in results(data, 1).items() if found.startswith("FAIL")}


def test_demo_folder_is_in_order(data: Path):
    found = results(data, 0)
    assert all(line.startswith("ok") for line in found.values())
    assert "1 doors, 2 readers" in found["configuration"]


@pytest.mark.parametrize(
    ("line", "becomes", "why"),
    [
        ("lock_pin = 17", "lokc_pin = 17", "did you mean lock_pin?"),
        ("rex_pin = 22", "rex_pin = 17", "pin 17 is already used by [doors.entrance] lock_pin"),
        ('direction = "in"', 'direction = "inward"', '"in" or "out"'),
        ("demo = true", "demo = false", "udp: is a virtual reader"),
        ("release_time = 1", "release_time = 1000", "seconds from 1 to 10"),
        ("lock_pin = 17", "lock_pin = 17\nactive_low = true", "active_low"),
        ("[site]", "[site", "not valid TOML"),
    ],
)
def test_bad_configuration_is_the_one_failure_named_and_the_rest_waits(
    data: Path, line: str, becomes: str, why: str
):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace(line, becomes, 1), "utf-8")
    found = results(data, 1)
    assert why in found["configuration"]
    assert all("not checked" in found[name] for name in NAMES[1:])


def test_version_of_sqlite_is_reported_with_why_it_is_safe(data: Path):
    found = results(data, 0)["SQLite"]
    assert sqlite3.sqlite_version in found
    assert "WAL-reset" in found and "one writer" in found


def test_missing_configuration_is_named(tmp_path: Path):
    assert str(tmp_path / "genkan.toml") in results(tmp_path, 1)["configuration"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("registry/registry.db", "registry"),
        ("registry/accounts.db", "accounts"),
        ("journal/journal.db", "journal"),
    ],
)
@pytest.mark.parametrize("how", [make_newer, lambda file: file.write_bytes(b"x" * 8192)])
def test_database_newer_or_corrupt_fails_alone(data: Path, file: str, name: str, how):
    how(data / file)
    failed = failing(data)
    assert list(failed) == [name]
    assert file in failed[name]


@pytest.mark.parametrize("name", ["registry", "accounts"])
def test_missing_database_fails(data: Path, name: str):
    (data / f"registry/{name}.db").unlink()
    assert list(failing(data)) == [name]


def test_rules_that_name_what_genkan_toml_no_longer_does_fail(data: Path, tmp_path: Path):
    assert "no rules published" in results(data, 0)["registry"]
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[areas.floor]\nlabel_en = "Floor"\nlabel_ja = "フロア"\n'
        'entries = ["entrance-in"]\nexits = ["entrance-out"]\n',
        "utf-8",
    )
    assert genkan("rules", "import", "--data", data, rules).status == 0
    assert "rules version 1" in results(data, 0)["registry"]
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("entrance-in", "front-in"), "utf-8")
    assert "areas.floor.entries: There is no access point entrance-in" in failing(data)["registry"]


def test_badge_with_a_name_that_no_genkan_writes_fails_alone(data: Path):
    with closing(sqlite3.connect(data / "registry" / "registry.db")) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        (badge, person) = db.execute("SELECT id, cardholder_id FROM credentials").fetchone()
        db.execute("UPDATE cardholders SET name = ? WHERE id = ?", ("x" * 2_000_000, person))
    (failure,) = failing(data).items()
    assert failure[0] == "registry" and badge in failure[1]


def test_missing_key_fails(data: Path):
    (data / "keys/shared/card_number.key").unlink()
    assert "card_number.key" in failing(data)["keys"]


def test_missing_folder_says_how_to_make_it(data: Path):
    shutil.rmtree(data / "journal")
    assert f"genkan init --data {data}" in failing(data)["data folder"]


def test_serial_reader_that_is_not_plugged_in_fails(data: Path):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("udp:127.0.0.1:1", "tty:USB99"), "utf-8")
    assert "/dev/ttyUSB99" in failing(data)["readers"]


def test_reader_whose_usb_port_is_empty_fails(data: Path):
    file = data / "genkan.toml"
    file.write_text(file.read_text("utf-8").replace("udp:127.0.0.1:1", "usb:port:99-1.9"), "utf-8")
    assert "usb:port:99-1.9" in failing(data)["readers"]


def test_configuration_without_a_reader_fails(tmp_path: Path):
    genkan("init", "--data", tmp_path)
    assert "[readers.NAME]" in failing(tmp_path)["readers"]


def test_without_a_file_is_wrong_usage():
    refused(genkan("check"), status=2)


@pytest.fixture
def open_data(data: Path) -> Iterator[Path]:
    """Other users may go on the way to this folder, which pytest's own are closed to."""
    parent = Path(tempfile.mkdtemp(prefix="genkan-open-"))
    parent.chmod(0o755)
    try:
        yield Path(shutil.copytree(data, parent / "data"))
    finally:
        shutil.rmtree(parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_each_file_with_an_old_owner_is_named_with_its_command_and_root_corrects_all(open_data: Path):
    """Three users own the folder, and the registry is as an earlier Genkan wanted it."""
    data = open_data
    door, registrar, web, readers, keys = 64_101, 64_102, 64_103, 64_110, 64_111
    for name, owner in (("journal", door), ("registry", registrar), ("keys/web", web)):
        os.chown(data / name, owner, readers)
    os.chown(data / "keys/shared/card_number.key", 0, keys)
    (data / "registry").chmod(0o2770)
    (data / "registry/registry.db").chmod(0o660)
    answer = genkan("check", "--config", data / "genkan.toml")
    assert answer.status == 1
    at = next(i for i, line in enumerate(answer.lines) if line.startswith("FAIL  owners: "))
    assert f"genkan init --data {data}" in answer.lines[at]
    (line,) = [line for line in answer.lines[at + 1 :] if f"{data}/registry/registry.db is " in line]
    assert line == (
        f"        {data}/registry/registry.db is root:root 0660, not {registrar}:{readers} 0640: "
        f"chown {registrar}:{readers} {data}/registry/registry.db && chmod 0640 {data}/registry/registry.db"
    )
    changed = done(genkan("init", "--data", data)).lines
    assert (
        f"Owners:      {data}/registry/registry.db: root:root 0660 is now {registrar}:{readers} 0640"
        in changed
    )
    again = done(genkan("init", "--data", data)).lines
    assert [line for line in again if line.startswith("Owners:")] == [
        "Owners:      each service owns its own files."
    ]
    checked = genkan("check", "--config", data / "genkan.toml")
    assert any(line.startswith("ok    owners: ") for line in checked.lines)
