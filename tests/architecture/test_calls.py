"""Calls and rows name their values: nobody counts to the fifth argument or the eighteenth column."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGES, ROOT, called, calls, nodes, place, sources

OURS = sources(*PACKAGES)
MOST = 4  # positional arguments of a call
LAST = 3  # index into a tuple

# Callables that take any number of values, or whose order everybody knows.
VARIADIC = {
    "struct.pack": "the format names the values",
    "click.option": "the names of one option",
    "datetime": "year to second",
    "run_in_threadpool": "passes the arguments on to the function",
    "program.command": "the words of a command line",
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
        (unnamed_arguments, "AccessRequest(door, point, reader, Direction.IN, kind)"),
        (classes_from_rows, "WrappedKey(*row)"),
        (classes_from_rows, "rows.StagedImport(id_, *row[1:])"),
        (counted_columns, "name = row[18]"),
        (counted_columns, "schedule, *_ = row[16:]"),
        (counted_columns, "name = row[-7]"),
    ],
)
def test_counted_value_would_be_seen(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], line: str
) -> None:
    file = tmp_path / "planted.py"
    file.write_text(line, "utf-8")
    assert len(list(rule(file))) == 1


def test_listed_exceptions_still_exist() -> None:
    names = {called(call) for file in OURS for call in calls(file) if len(call.args) > MOST}
    assert names >= VARIADIC.keys(), "remove what no call needs any more"
    counted = {str(file.relative_to(ROOT)) for file in OURS if list(counted_columns(file))}
    assert counted == POSITIONS.keys()
    assert {str(file.relative_to(ROOT)) for file in OURS if list(unnamed_arguments(file))} >= HOT
