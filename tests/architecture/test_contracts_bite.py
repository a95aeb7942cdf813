"""The tree keeps every import contract, and a planted breach breaks it.

Without the breach, a contract with a wrong name or for a moved room would always pass.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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
    ("accounts", "controller/runtime/planted.py", "import controller.registry.accounts.database"),
    (
        "accounts",
        "controller/services/people/planted.py",
        "from controller.registry.accounts import sessions",
    ),
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


@dataclass(frozen=True)
class Linted:
    """What import-linter answers on a copy of the tree: without a breach, and with each of them."""

    whole: tuple[int, str]
    breached: Sequence[tuple[int, str]]


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> Linted:
    copy = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    ran = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).with_name("lint_breaches.py"))],
        cwd=copy,
        input=json.dumps(BREACHES),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    whole, *breached = json.loads(ran.stdout)
    assert len(breached) == len(BREACHES)
    return Linted(whole, breached)


def test_site_keeps_every_contract(linted: Linted) -> None:
    status, output = linted.whole
    assert status == 0, output
    assert f"{len(CONTRACTS)} kept, 0 broken" in output


@pytest.mark.parametrize(
    ("place", "file"),
    [(place, file) for place, (_, file, _) in enumerate(BREACHES)],
    ids=[f"{c}-{f}-{t.split()[-1:]}" for c, f, t in BREACHES],
)
def test_planted_breach_is_caught(linted: Linted, place: int, file: str) -> None:
    status, output = linted.breached[place]
    assert status == 1, output
    assert f".{Path(file).stem}" in output, output


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
