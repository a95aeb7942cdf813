"""deploy/rules.example.toml can be imported, holds every key there is, and tells each one's default truly."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller.model.rule_book import Area, Category, DoorRules, Qualification, ScheduledMode
from controller.model.rules.order import SETTINGS, RuleName
from controller.services.rules.check import problems
from controller.services.rules.file import read
from tests.architecture.house import ROOT
from tests.controller.services.wide_house import wide_config

EXAMPLE = ROOT / "deploy" / "rules.example.toml"
TOLD = re.compile(r"^(\w+) = .*\(default: ([^,)]+)", re.M)


def rule_tables(plain: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By rule: the keys that its tables in the file hold together."""
    tables: dict[str, dict[str, Any]] = {}
    for place in (*plain["areas"].values(), *plain["doors"].values()):
        for name, table in place.get("rules", {}).items():
            tables.setdefault(name, {}).update(table)
    return tables


def test_example_fits_the_house_it_speaks_of(tmp_path: Path) -> None:
    file = read(EXAMPLE.read_bytes())
    assert file.book is not None
    schedules = frozenset({"always", *file.schedules})
    assert list(problems(file.book, wide_config(tmp_path), schedules)) == []
    assert {schedule for rules in file.levels.values() for _, schedule in rules} <= schedules


def test_example_holds_every_rule_with_every_key() -> None:
    tables = rule_tables(tomllib.loads(EXAMPLE.read_text("utf-8")))
    assert set(tables) == {name.value for name in RuleName}
    for name, kind in SETTINGS.items():
        assert set(tables[name.value]) == {field.name for field in dataclasses.fields(kind)}, name


@pytest.mark.parametrize(
    ("path", "kind", "without"),
    [
        ("categories.sv", Category, {"name"}),
        ("qualifications.nda", Qualification, {"name"}),
        ("areas.floor", Area, {"name", "within"}),
        ("areas.archive", Area, {"name"}),
        ("doors.entrance", DoorRules, {"door", "rules"}),
        ("doors.entrance.scheduled", ScheduledMode, set()),
    ],
)
def test_example_holds_every_other_key(path: str, kind: type[Any], without: set[str]) -> None:
    table: Any = tomllib.loads(EXAMPLE.read_text("utf-8"))
    for key in path.split("."):
        table = table[key]
    table = table[0] if isinstance(table, list) else table
    assert set(table) == {field.name for field in dataclasses.fields(kind)} - without


def test_default_told_is_the_default() -> None:
    defaults = {
        field.name: field.default
        for kind in (*SETTINGS.values(), Category, Qualification)
        for field in dataclasses.fields(kind)
        if field.default is not dataclasses.MISSING
    }
    told = {key: text for key, text in TOLD.findall(EXAMPLE.read_text("utf-8")) if key in defaults}
    assert {key: tomllib.loads(f"x = {text}")["x"] for key, text in told.items() if key != "seconds"} == {
        key: value for key, value in defaults.items() if key != "seconds"
    }
    assert [text for key, text in TOLD.findall(EXAMPLE.read_text("utf-8")) if key == "seconds"] == [
        "30",
        "15",
    ]
