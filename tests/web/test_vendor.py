"""What others wrote is exactly what they published, with its licence."""

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "web" / "static" / "vendor", ROOT / "tests" / "web" / "vendor"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-2])
def test_vendored_files_are_those_of_the_sums(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    files.pop("SHA256SUMS")
    assert files == sums
    for name in files:
        if name.endswith((".js", ".css")):
            project = name.rpartition(".min")[0].rstrip("0123456789.").removesuffix("-")
            assert any(other.startswith(f"{project}-LICENSE") for other in files), project
