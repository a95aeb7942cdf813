"""The door process imports nothing of the web, migrations or sign-in, so it starts fast and stays small."""

import subprocess
import sys

import pytest

from tests.architecture.source_tree import ROOT

pytestmark = pytest.mark.process

HEAVY = {
    "argon2",
    "click",
    "controller.services",
    "cryptography",
    "fastapi",
    "holidays",
    "jinja2",
    "multipart",
    "nfc",
    "pip",
    "pydantic",
    "python_multipart",
    "sqlite_utils",
    "starlette",
    "usb1",
    "uvicorn",
    "web",
}


def loaded_by(program: str) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(answer.stdout.split())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in modules for owner in HEAVY if name == owner or name.startswith(f"{owner}.")}


def test_door_part_of_the_assembly_imports_nothing_heavy() -> None:
    assert not heavy(loaded_by("import controller.assembly"))


def test_heavy_module_would_be_seen() -> None:
    assert "sqlite_utils" in heavy(loaded_by("import sqlite_utils"))
