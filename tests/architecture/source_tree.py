"""Paths, syntax trees and documents of the source tree, for the tests about the tree."""

import ast
import gc
import os
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("controller", "firmware_bridge", "web")
DOCUMENTS = sorted(
    page
    for folder in ("", "deploy/**/", "docs/**/", "firmware_bridge/**/", "tests/**/")
    for page in ROOT.glob(f"{folder}*.md")
)


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@cache
def tree(file: Path) -> ast.Module:
    """Parse without the garbage collector: its passes over the new nodes take twice as long as the parser."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(file.read_text(encoding="utf-8"), str(file))
    finally:
        if was_enabled:
            gc.enable()


def place(file: Path, node: ast.AST) -> str:
    return f"{os.path.relpath(file, ROOT)}:{getattr(node, 'lineno', 1)}"


def mentions(file: Path, *words: str) -> bool:
    """Return whether the file's text contains one of `words`. A rule about them need not parse the others."""
    text = file.read_text(encoding="utf-8")
    return any(word in text for word in words)


@cache
def nodes(file: Path) -> list[ast.AST]:
    """Return every node of the tree: several rules read it, and each walk costs as much as the parser."""
    return list(ast.walk(tree(file)))


def forget_trees() -> None:
    """Free the trees: a million objects, which every pass of the garbage collector would visit."""
    tree.cache_clear()
    nodes.cache_clear()


def called(node: ast.AST) -> str:
    """Return the called name of a call: `time.sleep`, `self._db.execute`; "" for other nodes.

    A name that belongs to another expression begins with a dot: `.format` for `"{}".format(name)`.
    """
    if not isinstance(node, ast.Call):
        return ""
    names: list[str] = []
    part = node.func
    while isinstance(part, ast.Attribute):
        names.append(part.attr)
        part = part.value
    names.append(part.id if isinstance(part, ast.Name) else "")
    return ".".join(reversed(names))


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(file) if isinstance(node, ast.Call))


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
