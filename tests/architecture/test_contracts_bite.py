"""The tree keeps every import contract, and a planted breach breaks it.

Without the breach, a contract with a wrong name or for a moved room would always pass.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, pyproject

pytestmark = pytest.mark.process

CONTRACTS = pyproject()["tool"]["importlinter"]["contracts"]

# contract, file to plant, its text
BREACHES = [
    ("rooms", "controller/planted.py", ""),  # a room that the contract does not list
    ("rooms", "controller/runtime/planted.py", "import controller.services"),
    ("rooms", "controller/services/planted.py", "import controller.runtime"),
    ("services", "controller/services/planted.py", "import controller.drivers"),
    ("rooms", "controller/registry/planted.py", "import controller.journal"),
    ("rooms", "controller/journal/planted.py", "import controller.registry"),
    ("rooms", "controller/journal/planted.py", "import controller.drivers"),
    ("rooms", "controller/drivers/planted.py", "import controller.registry"),
    ("rooms", "controller/drivers/planted.py", "import controller.journal"),
    ("rooms", "controller/decision/planted.py", "import controller.config"),
    ("rooms", "controller/model/planted.py", "import controller.errors"),
    ("rooms", "controller/sqlite/planted.py", "import controller.registry"),
    ("rooms", "controller/services/planted.py", "import controller.assembly"),
    ("rooms", "controller/services/planted.py", "import controller.registrar"),
    ("registrar", "controller/registrar/planted.py", "import controller.drivers"),
    ("registrar", "controller/registrar/planted.py", "import controller.runtime"),
    ("web-beside", "controller/registrar/planted.py", "import web"),
    ("web-beside", "controller/runtime/planted.py", "import web"),
    ("web-beside", "controller/services/planted.py", "def late() -> None:\n    import web"),
    ("bridge", "firmware_bridge/nfc/planted.py", "import controller.model"),
    ("bridge", "firmware_bridge/planted.py", "import web"),
    ("pure", "controller/decision/planted.py", "import time"),
    ("pure", "controller/decision/rules/planted.py", "import logging"),
    ("pure", "controller/model/planted.py", "import sqlite3"),
    ("pure", "controller/model/planted.py", "from pathlib import Path"),
    ("decision", "controller/decision/planted.py", "import controller.errors"),
    ("rules", "controller/decision/rules/planted.py", "import controller.decision.rules.schedule"),
    ("drivers", "controller/drivers/planted.py", "import controller.drivers.gpio_lock"),
    ("drivers-decide", "controller/drivers/planted.py", "import controller.decision"),
    ("reader-protocol", "controller/drivers/reader_session.py", "import threading"),
    ("proof", "controller/journal/proof/planted.py", "import controller.journal.append"),
    ("export", "controller/journal/seal.py", "import controller.journal.export.table"),
    ("subjects", "controller/services/people/planted.py", "import controller.services.rules.books"),
    ("subjects", "controller/services/explain/planted.py", "import controller.services.rules.books"),
    ("subjects", "controller/services/access/planted.py", "import controller.services.explain.person"),
    ("subjects", "controller/services/doors/planted.py", "import controller.services.presence.presence"),
    ("subjects", "controller/services/requests/planted.py", "import controller.services.people.people"),
    ("floors-of-the-web", "web/words/planted.py", "import web.routes.people"),
    ("stores", "controller/registry/planted.py", "import controller.config"),
    ("stores", "controller/journal/planted.py", "import controller.decision"),
    ("services", "controller/services/planted.py", "import firmware_bridge"),
    ("web-services", "web/planted.py", "import controller.journal"),
    ("web-services", "web/routes/planted.py", "import controller.registry"),
    ("web-services", "web/routes/planted.py", "import controller.registrar"),
    ("web-services", "web/routes/planted.py", "import controller.runtime"),
    ("routes", "web/routes/planted.py", "import controller.config"),
    ("pins", "controller/runtime/planted.py", "import gpiozero"),
    ("cards", "controller/drivers/planted.py", "import nfc"),
    ("osdp", "controller/drivers/planted.py", "import osdp_sys"),
    ("databases", "controller/services/planted.py", "import sqlite3"),
    ("databases", "web/planted.py", "import sqlite_utils"),
    ("pages", "controller/services/planted.py", "import fastapi"),
    ("command-line", "controller/services/planted.py", "import click"),
    ("passwords", "web/planted.py", "import argon2"),
    ("ciphers", "controller/commands/planted.py", "import pyrage"),
    ("calendars", "controller/decision/planted.py", "import holidays"),
    ("signatures", "controller/runtime/planted.py", "import cryptography"),
]


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo", *chosen],
        cwd=folder,
        env={**os.environ, "COLUMNS": "500", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree that a test may change."""
    copy = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    return copy


def test_site_keeps_every_contract(site: Path) -> None:
    answer = lint(site)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("contract", "file", "text"), BREACHES, ids=[f"{c}-{f}-{t.split()[-1:]}" for c, f, t in BREACHES]
)
def test_planted_breach_is_caught(site: Path, contract: str, file: str, text: str) -> None:
    """A file is planted, or the import is added to a file that the contract names."""
    planted = site / file
    before = planted.read_text("utf-8") if planted.exists() else None
    planted.write_text(f"{before or ''}\n{text}\n", encoding="utf-8")
    try:
        answer = lint(site, contract)
    finally:
        planted.unlink() if before is None else planted.write_text(before, "utf-8")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert f".{planted.stem}" in answer.stdout, answer.stdout + answer.stderr


def test_every_contract_has_a_breach_planted() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in BREACHES}


def test_every_room_is_named_where_rooms_are_listed_one_by_one() -> None:
    """`web-beside` must list every room but three by name, so a new room can be forgotten."""
    rooms = {
        entry.stem
        for entry in (ROOT / "controller").iterdir()
        if (entry.is_dir() and (entry / "__init__.py").exists()) or entry.suffix == ".py"
    } - {"__init__"}
    (beside,) = (contract for contract in CONTRACTS if contract["id"] == "web-beside")
    listed = {name.removeprefix("controller.") for name in beside["source_modules"]} - {"firmware_bridge"}
    assert rooms - listed == {"main", "commands", "assembly"}
