"""What the bridges can say of their readers, taken from their code: whoever adds a sentence need not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[2] / "firmware_bridge"
SIMULATOR = HOME / "simulator"
# Of cards, of bad messages and of bad arguments: no page shows them.
OTHER_FILES = {"messages.py", "nfc/lite_s.py", "nfc/prove.py"}
OTHER_CALLS = {"ArgumentParser", "add_argument", "error"}
# What is raised is about a card or a message, but for these.
RAISED_OF_READERS = {"ReaderTrouble", "BadKey", "OSError"}
OTHER = {r"No\ such\ file", r"PIN,\ then\ \#", r"OSDP\ reader\ .+?"}


def said() -> dict[str, str]:
    """Parts of sentences as patterns, a field matching anything, each with the file that says it."""
    found = {}
    for file in sorted(HOME.rglob("*.py")):
        name = str(file.relative_to(HOME))
        if SIMULATOR not in file.parents and name not in OTHER_FILES:
            found |= dict.fromkeys(parts(file.read_text("utf-8")), name)
    return found


def parts(source: str) -> set[str]:
    """Every text of three words or more that is no docstring, no argument's help and not raised of cards."""
    return {
        pattern
        for node in _told(ast.parse(source))
        if (pattern := _pattern(node)) is not None and pattern not in OTHER
    }


def is_in(part: str, sentence: str) -> bool:
    """As a whole clause of it, not as the beginning of another one."""
    return re.search(rf"(?:^|(?<= )){part}(?:$|(?=[.;]))", sentence) is not None


def _told(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "__str__"):
            continue
        if isinstance(node, ast.Call) and _name(node.func) in OTHER_CALLS:
            continue
        raised = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(raised, ast.Call) and _name(raised.func) not in RAISED_OF_READERS:
            continue
        yield node
        if not isinstance(node, ast.JoinedStr):
            yield from _told(node)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _pattern(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        pieces = [re.escape(node.value)]
    elif isinstance(node, ast.JoinedStr):
        pieces = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+?" for v in node.values]
    else:
        return None
    pattern = "".join(pieces)
    return pattern if pattern.count(r"\ ") >= 2 and re.search("[a-z]{2}", pattern) else None
