from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing import door_key
from controller.issuing.wrapping import DoorPublicKey


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for name in ("door", "shared"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_pair_is_created_once_and_its_private_half_is_for_its_owner_alone(keys: Path):
    public = door_key.make(keys)
    assert door_key.make(keys) == public == door_key.load_public(keys)
    assert door_key.load_private(keys).public == public
    assert door_key.private_file(keys).stat().st_mode & 0o777 == 0o600
    assert door_key.private_file(keys).read_bytes() not in door_key.public_file(keys).read_bytes()


@pytest.mark.parametrize("left", ["nothing", "another", "damaged"])
def test_public_half_that_does_not_fit_is_written_again(keys: Path, left: str):
    """A kill between the two, or a public half out of the backup of another box."""
    public = door_key.make(keys)
    file = door_key.public_file(keys)
    if left == "nothing":
        file.unlink()
    else:
        file.write_text(DoorPublicKey(bytes(32)).text if left == "another" else "genkan")
    assert door_key.make(keys) == public == door_key.load_public(keys)


def test_missing_or_damaged_private_half_is_reported_with_what_to_do(keys: Path):
    with pytest.raises(door_key.NoDoorKey, match="number only"):
        door_key.load_private(keys)
    door_key.private_file(keys).write_bytes(b"short")
    with pytest.raises(door_key.NoDoorKey, match="5 bytes"):
        door_key.load_private(keys)
    with pytest.raises(door_key.NoDoorKey):
        door_key.make(keys)  # it is for a person to take it away


def test_missing_public_half_names_the_command(keys: Path):
    with pytest.raises(InstallerError, match="genkan issue public-key"):
        door_key.load_public(keys)


def test_start_creates_what_a_folder_of_an_earlier_genkan_lacks(keys: Path) -> None:
    door_key.complete(keys)
    public = door_key.load_public(keys)
    door_key.public_file(keys).unlink()
    door_key.complete(keys)
    assert door_key.load_public(keys) == public, "the same pair"
    door_key.private_file(keys).unlink()
    door_key.complete(keys)
    assert not door_key.private_file(keys).exists(), "a lost private half is a fault, not a new pair"
