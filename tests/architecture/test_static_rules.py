"""Rules for code beyond the linter's: how to write SQL, no shells, and what tests must not do."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGES, called, calls, mentions, nodes, place, sources

OURS = sources(*PACKAGES)
TESTS = [file for file in sources("tests") if "benchmarks" not in file.parts]
SQL = re.compile(r"\s*(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|WITH|ATTACH|VACUUM)\s")
SQL_WORDS = SQL.pattern.partition("(")[2].partition(")")[0].split("|")
SHELLS = {"os.system", "os.popen", "eval", "exec", "subprocess.getoutput", "subprocess.getstatusoutput"}


def settled_names(file: Path) -> set[str]:
    """Return names whose every binding in this file is a literal text."""
    bindings: dict[str, list[bool]] = {}
    plain: set[ast.AST] = set()
    for node in nodes(file):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            plain.add(node.targets[0])
            bindings.setdefault(node.targets[0].id, []).append(not any(foreign_pieces(node.value, set())))
    for node in nodes(file):
        if isinstance(node, ast.arg):
            bindings.setdefault(node.arg, []).append(False)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in plain:
            bindings.setdefault(node.id, []).append(False)
    return {name for name, written_out in bindings.items() if all(written_out)} | {"sql"}


def foreign_pieces(node: ast.AST, settled: set[str]) -> Iterator[ast.AST]:
    """Yield the pieces of a text expression that are neither literals nor named constants.

    Repeated placeholders (`"?," * count`) and texts joined from literals are constants too. A name `sql` is
    allowed here, because the test checks the text where it is assigned.
    """
    match node:
        case ast.Constant():
            pieces: list[ast.expr] = []
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper() or name in settled:
            pieces = []
        case ast.JoinedStr(values=values):
            pieces = [v.value if isinstance(v, ast.FormattedValue) else v for v in values]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            pieces = [left, right]
        case ast.BinOp(op=ast.Mult(), left=ast.Constant() | ast.List() as left):
            pieces = [left]
        case ast.IfExp(body=body, orelse=orelse):
            pieces = [body, orelse]
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[joined]):
            pieces = [joined]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            pieces = elements
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            pieces = [element]
        case _:
            yield node
            return
    for piece in pieces:
        yield from foreign_pieces(piece, settled)


def first_text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return first_text(first)
        case ast.BinOp(left=left):
            return first_text(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return first_text(value)
    return ""


def built_sql(file: Path) -> Iterator[str]:
    """Yield texts that start like SQL, or go to execute(), and contain foreign pieces."""
    if not mentions(file, "execute", *SQL_WORDS):
        return
    settled = settled_names(file)
    executed = [
        call.args[0]
        for call in calls(file)
        if called(call).split(".")[-1].startswith("execute") and call.args
    ]
    built = (ast.JoinedStr, ast.BinOp)
    for node in nodes(file):
        text = (
            isinstance(node, built) or (isinstance(node, ast.Call) and called(node).endswith(".format"))
        ) and (SQL.match(first_text(node)) or node in executed)
        if text and any(foreign_pieces(node, settled)):
            yield f"{place(file, node)} {ast.unparse(node)[:80]}"


def test_sql_is_written_out_and_values_are_parameters() -> None:
    assert [found for file in OURS for found in built_sql(file)] == []


def test_built_sql_would_be_seen(tmp_path: Path) -> None:
    lines = [
        "db.execute(f\"SELECT * FROM t WHERE name = '{name}'\")",
        "db.execute(\"SELECT * FROM t WHERE name = '%s'\" % name)",
        'db.execute("SELECT * FROM t WHERE name = " + name)',
        'db.execute("SELECT * FROM {}".format(name))',
        'sql = f"DELETE FROM {table}"',
        'def find(order):\n    db.execute("SELECT 1 FROM t ORDER BY " + order)',
        'order = "ASC"\nfor order in asked:\n    db.execute("SELECT 1 FROM t ORDER BY " + order)',
    ]
    for number, line in enumerate(lines):
        file = tmp_path / f"{number}.py"
        file.write_text(line)
        assert list(built_sql(file)), line


def shells(file: Path) -> Iterator[str]:
    if not mentions(file, "shell", *(name.rpartition(".")[2] for name in SHELLS)):
        return
    for call in calls(file):
        if called(call) in SHELLS or any(word.arg == "shell" for word in call.keywords):
            yield f"{place(file, call)} {ast.unparse(call)[:80]}"


def test_no_shell_and_no_evaluated_text() -> None:
    assert [found for file in OURS for found in shells(file)] == []


def sleeps_and_mocks(file: Path) -> Iterator[str]:
    if not mentions(file, "sleep", "mock"):
        return
    for node in nodes(file):
        if called(node).split(".")[-1] == "sleep":
            yield f"{place(file, node)}: wait with tests/waiting.py"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {getattr(node, "module", None), *(name.name for name in node.names)}
            if names & {"unittest.mock", "mock"}:
                yield f"{place(file, node)}: {ast.unparse(node)}"


def test_tests_wait_for_conditions_and_mock_nothing() -> None:
    assert [found for file in TESTS for found in sleeps_and_mocks(file)] == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (shells, "subprocess.run(words, shell=True)"),
        (shells, "os.system(text)"),
        (sleeps_and_mocks, "time.sleep(1)"),
        (sleeps_and_mocks, "from unittest.mock import patch"),
    ],
)
def test_breach_of_a_rule_would_be_seen(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], line: str
) -> None:
    file = tmp_path / "breach.py"
    file.write_text(line, "utf-8")
    assert len(list(rule(file))) == 1
