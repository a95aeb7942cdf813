"""deploy/genkan.example.toml loads, has every key, and states each default correctly."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from controller.config import (
    AccessPointConfig,
    Config,
    DoorConfig,
    Log,
    People,
    ReaderConfig,
    SiteConfig,
    Web,
    load,
)
from controller.errors import ConfigError
from tests.architecture.source_tree import ROOT

EXAMPLE = ROOT / "deploy" / "genkan.example.toml"
LINE = re.compile(
    r"(?P<off>#?)(?P<key>[a-z_]+) = (?P<value>\S.*?)\s+# (?P<comment>[^#]+?\.) \((?P<default>[^()]+)\)"
)
SECTIONS: dict[str, type[Any]] = {
    "site": SiteConfig,
    "web": Web,
    "log": Log,
    "people": People,
    "doors.entrance": DoorConfig,
    "access_points.entrance-in": AccessPointConfig,
    "readers.entrance-in": ReaderConfig,
}


class Key(NamedTuple):
    section: str
    name: str
    off: bool
    value: str
    default: str
    line: str


def keys() -> Iterator[Key]:
    section = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("# "):
            match = LINE.fullmatch(line)
            assert match, f"not of the form `key = value  # Sentence. (default: …)`: {line}"
            default = match["default"]
            assert default == "required" or default.startswith("default: "), line
            yield Key(
                section,
                match["key"],
                bool(match["off"]),
                match["value"],
                default.removeprefix("default: "),
                line,
            )


def owner(config: Config, section: str) -> Any:
    table, _, name = section.partition(".")
    found = getattr(config, table)
    return found[name] if name else found


def loaded(folder: Path, text: str) -> Config:
    file = folder / "genkan.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_example_loads_for_real_hardware() -> None:
    assert not load(EXAMPLE).site.demo


def test_example_holds_every_key_there_is() -> None:
    in_example = {(key.section, key.name) for key in keys()}
    # Field, key and column share one word (GLOSSARY), so the fields are the list of keys. `name` is a
    # table's own name but for the site's.
    fields = {
        (section, field)
        for section, kind in SECTIONS.items()
        for field in (field.name for field in dataclasses.fields(kind))
        if field != "name" or kind is SiteConfig
    }
    assert in_example == fields


def test_example_loads_with_every_key_switched_on(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for key in keys():
        if key.off and key.name != "lock_reader":  # replaces lock_pin
            text = text.replace(key.line, key.line[1:])
    config = loaded(tmp_path, text)
    assert config.doors["entrance"].rex_pin is not None and config.web.tls


@pytest.mark.parametrize("key", list(keys()), ids=lambda key: f"{key.section}.{key.name}")
def test_documented_default_is_the_default(key: Key, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    without = text.replace(key.line, "")
    if key.default == "required":
        with pytest.raises(ConfigError, match=key.name):
            loaded(tmp_path, without)
        return
    value = getattr(owner(loaded(tmp_path, without), key.section), key.name)
    if key.default == "none":
        assert value is None
    elif key.default.endswith("'s name"):
        assert value == key.section.partition(".")[2]
    elif key.name == "rex_releases":
        fail_safe = without.replace('lock = "fail_secure"', 'lock = "fail_safe"')
        assert value is False and owner(loaded(tmp_path, fail_safe), key.section).rex_releases is True
    else:
        stated = text.replace(key.line, f"{key.name} = {key.default}")
        # Without these held_open_… and rex_without_opening are refused.
        stated = stated.replace("#door_contact_pin", "door_contact_pin").replace("#rex_pin", "rex_pin")
        assert getattr(owner(loaded(tmp_path, stated), key.section), key.name) == value
