"""Code of other projects is pinned: dependencies by version and hash, vendored files by hash and licence."""

import hashlib
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source_tree import ROOT, pyproject

LOCKS = ("requirements.lock", "requirements-dev.lock")
VENDORED = ("web/static/vendor", "tests/web/vendor")


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package → version and hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found: dict[str, tuple[str, list[str]]] = {}
    for block in re.split(r"\n(?=\S)", text):
        head = re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", block)
        assert head, f"{name}: not a pinned package: {block.splitlines()[0]}"
        found[canonicalize_name(head[1])] = (head[2], re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block))
    return found


def wanted(group: str) -> list[Requirement]:
    groups = pyproject()["dependency-groups"]
    found = []
    for entry in groups[group]:
        found += wanted(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    assert not [package for package, (_, hashes) in locked(name).items() if not hashes]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize(
    ("name", "group"), [("requirements.lock", "build"), ("requirements-dev.lock", "dev")]
)
def test_lock_file_satisfies_pyproject(name: str, group: str) -> None:
    versions = {package: version for package, (version, _) in locked(name).items()}
    for requirement in [*map(Requirement, pyproject()["project"]["dependencies"]), *wanted(group)]:
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{name} lacks {requirement}; run make lock"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} against {version}"


def test_lock_of_pcsc_readers_is_what_pyproject_asks_for_and_nothing_else() -> None:
    (requirement,) = map(Requirement, pyproject()["project"]["optional-dependencies"]["pcsc"])
    ((package, (version, hashes)),) = locked("requirements-pcsc.lock").items()
    assert package == requirement.name and hashes
    assert requirement.specifier.contains(version)


def test_both_lock_files_agree() -> None:
    run, develop = (locked(name) for name in LOCKS)
    assert {package: develop.get(package) for package in run} == run


@pytest.mark.parametrize("folder", VENDORED)
def test_vendored_files_are_the_ones_we_checked(folder: str) -> None:
    vendor = ROOT / folder
    sums = {}
    for line in (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split(maxsplit=1)
        sums[name.lstrip("*")] = digest
    files = {str(file.relative_to(vendor)): file for file in vendor.rglob("*") if file.is_file()}
    files.pop("SHA256SUMS")
    assert {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()} == sums


@pytest.mark.parametrize("folder", VENDORED)
def test_vendored_files_keep_their_licences(folder: str) -> None:
    """Each vendored project, the first word of a file's name, has its licence text beside it."""
    files = [file for file in (ROOT / folder).iterdir() if file.name != "SHA256SUMS"]
    licences = [file for file in files if "LICENSE" in file.name]
    assert files and all("permi" in file.read_text(encoding="utf-8").lower() for file in licences)
    for file in set(files) - set(licences):
        assert any(lic.name.split("-")[0] == file.name.split("-")[0] for lic in licences), (
            f"{file} has no licence"
        )
