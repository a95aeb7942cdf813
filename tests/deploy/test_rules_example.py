"""deploy/rules.example.toml can be imported, has every key, and states each default correctly."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller.model.rule_book import Area, Category, DoorRules, Qualification, ScheduledMode
from controller.model.rules.order import SETTINGS
from controller.services.rules.check import problems
from controller.services.rules.file import read
from controller.services.rules.site_book import SiteBook
from tests.architecture.documents.rule_pages import TABLE
from tests.architecture.source_tree import ROOT
from tests.controller.services.wide_site import wide_config

EXAMPLE = ROOT / "deploy" / "rules.example.toml"
DEFAULTS = re.compile(r"^(\w+) = .*\(default: ([^,)]+)", re.M)


def test_example_fits_the_site_it_speaks_of(tmp_path: Path) -> None:
    file = read(EXAMPLE.read_bytes())
    assert file.book is not None
    schedules = frozenset({"always", *file.schedules})
    assert list(problems(SiteBook(file.book, wide_config(tmp_path)), schedules)) == []
    assert {schedule for rules in file.levels.values() for _, schedule in rules} <= schedules


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


def test_documented_default_is_the_default() -> None:
    """`tests/architecture/documents/test_rule_pages.py` checks that the keys of the rules are there."""
    text = EXAMPLE.read_text("utf-8")
    kinds = {rule.value: kind for rule, kind in SETTINGS.items()}
    tables = [(kinds[match[1]], match[0]) for match in TABLE.finditer(text)]
    for kind, table in [*tables, (Category, text), (Qualification, text)]:
        documented = dict(DEFAULTS.findall(table))
        for field in dataclasses.fields(kind):
            if field.name in documented:
                assert tomllib.loads(f"x = {documented[field.name]}")["x"] == field.default, field.name
            elif field.default is not dataclasses.MISSING and f"\n{field.name} = " in table:
                raise AssertionError(f"{field.name} has a default, and the example does not say which.")
