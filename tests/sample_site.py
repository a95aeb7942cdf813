"""A site with one door and two readers for tests: real databases in a folder of the test."""

import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from controller.config import load
from controller.model.moment import ClockState, Moment
from controller.model.operators import Operator, OperatorRole
from controller.services.operators.passwords import PasswordCost
from controller.services.site import Site

CONFIG = """
[site]
time_zone = "Asia/Tokyo"
demo = true

[doors.entrance]
label_ja = "入口"
lock_pin = 17
door_contact_pin = 27

[access_points.entrance-in]
door = "entrance"
direction = "in"

[access_points.entrance-out]
door = "entrance"
direction = "out"

[readers.entrance-in]
access_point = "entrance-in"
path = "udp:127.0.0.1:20001"

[readers.entrance-out]
access_point = "entrance-out"
path = "udp:127.0.0.1:20002"
"""

BOOT = "0" * 32
NOW = Moment(datetime(2026, 11, 24, 6, 0, tzinfo=UTC), 1_000_000, BOOT, ClockState.TRUSTED)
ADMIN = Operator("a" * 16, "admin", "Admin", OperatorRole.ADMIN, "en")
SUPERVISOR = Operator("b" * 16, "super", "Supervisor", OperatorRole.SUPERVISOR, "ja")
AUDITOR = Operator("c" * 16, "audit", "Auditor", OperatorRole.AUDITOR, "ja")
VIEWER = Operator("d" * 16, "view", "Viewer", OperatorRole.VIEWER, "ja")
CHEAP = PasswordCost(memory_kib=8, passes=1)  # the lowest cost of Argon2id
PASSWORD = "the badge opens the door at nine"


def later(**by: float) -> Moment:
    """Return NOW plus this time, on both clocks."""
    return moved(NOW, **by)


def moved(now: Moment, **by: float) -> Moment:
    delta = timedelta(**by)
    return replace(now, utc=now.utc + delta, mono_ms=now.mono_ms + int(delta.total_seconds() * 1000))


def idm(number: int) -> str:
    """Return an invented card number."""
    return f"0101{number:012X}"


def opened_site(data: Path) -> Site:
    """Open the data folder; create it first if it does not exist."""
    file = data / "genkan.toml"
    if not data.exists():
        shutil.copytree(_ready(), data)
    elif not file.exists():
        file.write_text(CONFIG, encoding="utf-8")
    config = load(file)
    Site.init(config, NOW)
    return Site.open(config, lambda: NOW, CHEAP)


@functools.cache
def _ready() -> Path:
    """Create a folder as `genkan init` does, once per process; tests get copies of it."""
    folder = tempfile.TemporaryDirectory(prefix="genkan-ready-")
    atexit.register(folder.cleanup)
    data = Path(folder.name) / "data"
    data.mkdir()
    (data / "genkan.toml").write_text(CONFIG, encoding="utf-8")
    Site.init(load(data / "genkan.toml"), NOW)
    return data
