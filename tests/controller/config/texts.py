"""Texts of genkan.toml, whole and refused."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError

WHOLE = """
[site]
name = "本社"
time_zone = "Asia/Tokyo"
demo = true
fire_pin = 24
[web]
port = 8123
[doors.front]
lock_pin = 17
door_contact_pin = 27
rex_pin = 22
release_time = 3
[access_points.front-in]
door = "front"
direction = "in"
[readers.front-in]
access_point = "front-in"
path = "udp:127.0.0.1:54321"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "genkan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refusal:
        load(write(folder, text))
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert "genkan.toml" in sentence
    return sentence


def of_two(first: str, second: str) -> str:
    text = WHOLE.replace("udp:127.0.0.1:54321", first)
    return text + f'[readers.other]\naccess_point = "front-in"\npath = "{second}"\n'
