"""A record keeps codes, numbers, names and what an operator typed, never a sentence of ours."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from controller.model.config_codes import ConfigCode
from controller.model.config_codes import field_names as config_fields
from firmware_bridge.problems import ProblemCode
from firmware_bridge.problems import field_names as reader_fields
from tests.architecture.source_tree import place, sources, tree

# What fills `codes` and `details` of an event in the rooms that make events.
ROOMS = ("assembly", "decision", "journal", "runtime")
HOLDERS = {"codes", "details", "basics", "named"}
NAMES = {"name", "operator", "role", "last_four", "card_hash", "kind", "device", "held_by"}
TYPED = {"reason", "before", "after"}  # by an operator
ENCODED = {"seen", "filter"}
CODES = {"problem", "error", "cause"} | set(
    chain(*map(config_fields, ConfigCode), *map(reader_fields, ProblemCode))
)
FIELDS_OF_DETAILS = NAMES | TYPED | ENCODED | CODES
MADE_OF_WORDS = (ast.JoinedStr, ast.BinOp)


def filled(node: ast.AST) -> Iterator[tuple[str, ast.Dict]]:
    """Yield each dict literal that becomes codes or details, with which of the two."""
    match node:
        case ast.keyword(arg="codes" | "details" as name, value=value):
            pass
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in HOLDERS:
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name in HOLDERS and value is not None:
            pass
        case _:
            return
    for part in ast.walk(value):
        if isinstance(part, ast.Dict):
            yield name, part


def sentences(file: Path) -> Iterator[str]:
    """Yield the fields of records in this file that hold, or may hold, a sentence."""
    for node in ast.walk(tree(file)):
        fields = [(name, *pair) for name, d in filled(node) for pair in zip(d.keys, d.values, strict=True)]
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
                fields += [(name, key, value)] if name in HOLDERS else []
        for name, key, value in fields:
            if not isinstance(key, ast.Constant):
                continue  # `**fields` of a problem: its code names them
            if name != "codes" and key.value not in FIELDS_OF_DETAILS:
                yield f"{place(file, key)} {key.value}: not a field of a record's details"
            elif is_prose(value):
                yield f"{place(file, key)} {key.value}: a sentence"


def is_prose(value: ast.expr) -> bool:
    """A literal with a space, a text put together, or the text of an exception."""
    match value:
        case ast.Constant(value=str(text)):
            return " " in text
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=name)]):
            return name in ("error", "problem", "exception")
    return isinstance(value, MADE_OF_WORDS) and any(isinstance(n, ast.JoinedStr) for n in ast.walk(value))


def test_no_record_holds_a_sentence() -> None:
    files = sources(*(f"controller/{room}" for room in ROOMS))
    assert [found for file in files for found in sentences(file)] == []


@pytest.mark.parametrize(
    "line",
    [
        'Event(type_, now, details={"problem": str(error)})',
        'details["error"] = f"{file} cannot be read"',
        'codes = {"cause": "the disk is full"}',
        'Event(type_, now, details={"sentence": text})',
    ],
)
def test_sentence_in_a_record_is_found(tmp_path: Path, line: str) -> None:
    file = tmp_path / "event.py"
    file.write_text(line)
    assert list(sentences(file))
