"""What is inside a backup, without the encryption around it."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.services.backup.archive import FIRST, MANIFEST, BackupArchive, Member, unpack


def written(folder: Path, contents: dict[str, bytes]) -> Path:
    members = []
    for number, (name, content) in enumerate(contents.items()):
        (folder / str(number)).write_bytes(content)
        members.append(Member(name, folder / str(number)))
    archive, file, pieces = BackupArchive(members, {"made_utc": "now"}), folder / "archive.tar", io.BytesIO()
    while piece := archive.read(8192):
        pieces.write(piece)
    file.write_bytes(pieces.getvalue())
    return file


def test_files_come_out_as_they_went_in_and_any_tar_program_reads_it(tmp_path: Path):
    contents = {"a/one": b"1" * 100_000, "two": b"", "a/three": "三".encode() * 512}
    file, target = written(tmp_path, contents), tmp_path / "out"
    manifest = unpack(file, file, target, lambda name: True)
    assert {name: (target / name).read_bytes() for name in contents} == contents
    assert manifest["made_utc"] == "now"
    with tarfile.open(file) as tar:
        assert tar.getnames() == [FIRST, *contents, MANIFEST]


def test_name_that_is_not_expected_is_refused(tmp_path: Path):
    file = written(tmp_path, {"../outside": b"x"})
    with pytest.raises(InstallerError, match="damaged"):
        unpack(file, file, tmp_path / "out", lambda name: not name.startswith(".."))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("place", [530, 1030, 2100, 101_500, -11_000])
def test_changed_byte_is_reported(tmp_path: Path, place: int):
    file = written(tmp_path, {"one": b"1" * 100_000})
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(InstallerError):
        unpack(file, file, tmp_path / "out", lambda name: True)


def test_other_format_is_distinguished_from_a_newer_one(tmp_path: Path):
    for message, why in (
        ({"format": "else"}, "not a Genkan"),
        ({"format": "genkan-backup", "version": 9}, "newer"),
    ):
        file = tmp_path / "archive.tar"
        with tarfile.open(file, "w") as tar:
            info = tarfile.TarInfo(FIRST)
            content = json.dumps(message).encode()
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        with pytest.raises(InstallerError, match=why):
            unpack(file, file, tmp_path / "out", lambda name: True)
