import json
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing.age_passphrase import decrypt
from controller.issuing.derivation import early_seed
from controller.issuing.station import FILE, create_station, open_station, rotate
from tests.controller.issuing.quick_station import quick_station, sealed

PASSPHRASE = "a long passphrase"
IDM = bytes.fromhex("0101031284C0FFEE")


@pytest.fixture
def station_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "made" / "station"
    quick_station(folder, PASSPHRASE)
    return folder


def copied(station_folder: Path, folder: Path) -> Path:
    folder.mkdir()
    (folder / FILE).write_bytes((station_folder / FILE).read_bytes())
    return folder


def test_station_opens_with_its_passphrase_and_gives_the_same_keys(tmp_path: Path, station_folder: Path):
    station = open_station(station_folder, PASSPHRASE)
    again = open_station(copied(station_folder, tmp_path / "copy"), PASSPHRASE)
    assert station.card_key(IDM, 1) == again.card_key(IDM, 1)
    assert (station_folder.stat().st_mode & 0o777, (station_folder / FILE).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_no_master_key_is_in_the_folder_or_the_repr(station_folder: Path):
    station = open_station(station_folder, PASSPHRASE)
    content = b"".join(file.read_bytes() for file in station_folder.iterdir())
    for master in station.masters.values():
        for form in (master, master.hex().encode(), master.hex().upper().encode()):
            assert form not in content and form not in repr(station).encode()


def test_rotation_adds_a_version_and_keeps_those_before(tmp_path: Path, station_folder: Path):
    folder = copied(station_folder, tmp_path / "station")
    before = open_station(folder, PASSPHRASE)
    rotated = rotate(before, PASSPHRASE, encrypt=sealed)
    again = open_station(folder, PASSPHRASE)
    assert rotated.versions == again.versions == (2, 1)
    assert again.card_key(IDM, 1) == before.card_key(IDM, 1) != again.card_key(IDM, 2)
    assert [file.name for file in folder.iterdir()] == [FILE]


def test_wrong_passphrase_or_damaged_file_is_one_sentence(tmp_path: Path, station_folder: Path):
    with pytest.raises(InstallerError, match="passphrase is wrong or"):
        open_station(station_folder, "another passphrase")
    folder = copied(station_folder, tmp_path / "station")
    (folder / FILE).write_bytes((station_folder / FILE).read_bytes()[:-7])
    with pytest.raises(InstallerError, match="damaged"):
        open_station(folder, PASSPHRASE)


def test_folder_that_is_not_a_station_or_is_accepted_is_refused(tmp_path: Path, station_folder: Path):
    with pytest.raises(InstallerError, match="genkan issue init"):
        open_station(tmp_path, PASSPHRASE)
    content = (station_folder / FILE).read_bytes()
    with pytest.raises(InstallerError, match="not empty"):
        create_station(station_folder, PASSPHRASE)
    assert (station_folder / FILE).read_bytes() == content


def test_short_passphrase_and_impossible_first_version_make_nothing(tmp_path: Path):
    with pytest.raises(InstallerError, match="at least 12"):
        create_station(tmp_path / "one", "short")
    with pytest.raises(InstallerError, match="first version"):
        create_station(tmp_path / "one", PASSPHRASE, 0)
    assert not (tmp_path / "one").exists()


def test_rotation_signs_with_another_key(tmp_path: Path, station_folder: Path):
    before = open_station(copied(station_folder, tmp_path / "station"), PASSPHRASE)
    rotated = rotate(before, PASSPHRASE, encrypt=sealed)
    assert before.id != rotated.id == open_station(tmp_path / "station", PASSPHRASE).id


def test_station_from_before_lines_were_signed_has_one_key_in_every_copy_and_writes_none(
    tmp_path: Path, station_folder: Path
):
    folder = copied(station_folder, tmp_path / "station")
    values = json.loads(decrypt((folder / FILE).read_bytes(), PASSPHRASE))
    del values["signing"]
    early = sealed(json.dumps(values).encode(), PASSPHRASE)
    (folder / FILE).write_bytes(early)
    in_the_safe = open_station(copied(folder, tmp_path / "safe"), PASSPHRASE)
    station = open_station(folder, PASSPHRASE)
    assert station.id == in_the_safe.id and station.signing not in station.masters.values()
    assert (folder / FILE).read_bytes() == early
    assert station.card_key(IDM, 1) == open_station(station_folder, PASSPHRASE).card_key(IDM, 1)
    assert station.id != rotate(station, PASSPHRASE, encrypt=sealed).id == open_station(folder, PASSPHRASE).id


def test_demo_station_stays_one_and_another_becomes_none(tmp_path: Path, station_folder: Path):
    quick_station(tmp_path / "demo", PASSPHRASE, demo=True)
    assert rotate(open_station(tmp_path / "demo", PASSPHRASE), PASSPHRASE, encrypt=sealed).demo
    assert open_station(tmp_path / "demo", PASSPHRASE).demo
    assert not open_station(station_folder, PASSPHRASE).demo


def test_early_signing_key_is_of_the_system_and_the_newest_master():
    system, one, two = bytes(16), b"1" * 16, b"2" * 16
    assert early_seed(system, {1: one, 2: two}) == early_seed(system, {2: two})
    assert len({early_seed(s, {1: m}) for s in (system, b"s" * 16) for m in (one, two)}) == 4
