"""Rules for code beyond the linter's: SQL, shells, calls and rows by name, and what tests must not do."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, called, calls, mentions, nodes, place, sources

OURS = sources(*PACKAGES)
TESTS = [file for file in sources("tests") if "benchmarks" not in file.parts]
SQL = re.compile(r"\s*(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|WITH|ATTACH|VACUUM)\s")
SQL_WORDS = SQL.pattern.partition("(")[2].partition(")")[0].split("|")
SHELLS = {"os.system", "os.popen", "eval", "exec", "subprocess.getoutput", "subprocess.getstatusoutput"}
MOST = 4  # positional arguments of a call
LAST = 3  # index into a tuple

# Callables that take any number of values, or whose order everybody knows.
VARIADIC = {
    "struct.pack": "the format names the values",
    "click.option": "the names of one option",
    "datetime": "year to second",
    "run_in_threadpool": "passes the arguments on to the function",
    "_python": "the words of a command line (drivers/bridge_reader.py)",
    "log.warning": "a text and its values",
}
# Loops over every record of the log, where keywords of a NamedTuple cost more than the rest of a turn.
HOT = {"controller/decision/presence.py", "controller/journal/silences.py"}
# Files that read bytes or lists whose positions a standard or a manual fixes.
POSITIONS = {
    "firmware_bridge/nfc/card_poll.py": "bytes of a FeliCa answer",
    "firmware_bridge/nfc/lite_s.py": "bytes of a FeliCa answer",
    "firmware_bridge/osdp/cryptogram.py": "bytes of an OSDP frame",
    "firmware_bridge/osdp/frames.py": "bytes of an OSDP frame",
    "firmware_bridge/simulator/faces.py": "bytes of an NFC command",
    "firmware_bridge/simulator/lite_s.py": "bytes of an NFC command",
    "firmware_bridge/simulator/ntag424.py": "bytes of an APDU",
    "firmware_bridge/simulator/osdp_line.py": "tcgetattr(3): the output speed",
    "firmware_bridge/simulator/pn532_field.py": "bytes of an NFC command",
    "firmware_bridge/simulator/pn532_port.py": "tcgetattr(3): the output speed",
    "web/frame/problems.py": "titles by HTTP status",
}


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


def is_class(name: str) -> bool:
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not last.isupper()


def unnamed_arguments(file: Path) -> Iterator[str]:
    """Yield calls with more than four positional arguments."""
    for call in calls(file):
        if len(call.args) > MOST and called(call) not in VARIADIC:
            yield f"{place(file, call)} {ast.unparse(call)[:80]}"


def classes_from_rows(file: Path) -> Iterator[str]:
    """Yield values built from a starred row: the order of columns would be the order of fields."""
    for call in calls(file):
        if is_class(called(call)) and any(isinstance(value, ast.Starred) for value in call.args):
            yield f"{place(file, call)} {ast.unparse(call)[:80]}"


def counted_columns(file: Path) -> Iterator[str]:
    """Yield numbers above three, or below minus four, as an index, or as the start of a slice to unpack."""
    for node in nodes(file):
        match node:
            case ast.Subscript(slice=ast.Constant() | ast.UnaryOp() as index):
                pass
            case (
                ast.Assign(targets=[ast.Tuple()], value=ast.Subscript(slice=ast.Slice(lower=index)))
                | ast.Starred(value=ast.Subscript(slice=ast.Slice(lower=index)))
            ) if index is not None:
                pass
            case _:
                continue
        try:
            number = ast.literal_eval(index)
        except ValueError:
            continue
        if isinstance(number, int) and not -LAST - 1 <= number <= LAST:
            yield f"{place(file, node)} {ast.unparse(node)[:80]}"


def test_calls_name_what_they_pass_beyond_the_fourth_argument() -> None:
    files = [file for file in OURS if str(file.relative_to(ROOT)) not in HOT]
    assert [found for file in files for found in unnamed_arguments(file)] == []


def test_values_are_built_by_field_and_not_from_a_starred_row() -> None:
    allowed = {"OSError", "_Scan"}  # an exception's own arguments; a request as its queue holds it
    found = [found for file in OURS for found in classes_from_rows(file)]
    assert [one for one in found if one.split(" ", 1)[1].split("(")[0] not in allowed] == []


def test_rows_are_read_by_name_beyond_the_fourth_column() -> None:
    files = [file for file in OURS if str(file.relative_to(ROOT)) not in POSITIONS]
    assert [found for file in files for found in counted_columns(file)] == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (shells, "subprocess.run(words, shell=True)"),
        (shells, "os.system(text)"),
        (sleeps_and_mocks, "time.sleep(1)"),
        (sleeps_and_mocks, "from unittest.mock import patch"),
        (unnamed_arguments, "AccessRequest(door, point, reader, Direction.IN, kind)"),
        (classes_from_rows, "WrappedKey(*row)"),
        (classes_from_rows, "rows.StagedImport(id_, *row[1:])"),
        (counted_columns, "name = row[18]"),
        (counted_columns, "schedule, *_ = row[16:]"),
        (counted_columns, "name = row[-7]"),
    ],
)
def test_breach_of_a_rule_would_be_seen(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], line: str
) -> None:
    file = tmp_path / "breach.py"
    file.write_text(line, "utf-8")
    assert len(list(rule(file))) == 1


def test_listed_exceptions_still_exist() -> None:
    names = {called(call) for file in OURS for call in calls(file) if len(call.args) > MOST}
    assert names >= VARIADIC.keys(), "remove what no call needs any more"
    counted = {str(file.relative_to(ROOT)) for file in OURS if list(counted_columns(file))}
    assert counted == POSITIONS.keys()
    assert {str(file.relative_to(ROOT)) for file in OURS if list(unnamed_arguments(file))} >= HOT
