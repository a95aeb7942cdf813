"""The configuration of a site with a locker and an archive behind the entrance."""

from pathlib import Path

from controller.config import Config, load
from tests.sample_site import CONFIG

ARCHIVE = """
[doors.archive]
lock_pin = 18

[access_points.archive-in]
door = "archive"
direction = "in"

[access_points.archive-out]
door = "archive"
direction = "out"

[doors.locker]
lock_pin = 19

[access_points.locker]
door = "locker"
direction = "in"
"""


def wide_config(folder: Path) -> Config:
    file = folder / "genkan.toml"
    file.write_text(CONFIG + ARCHIVE, encoding="utf-8")
    return load(file)
