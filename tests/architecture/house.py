"""Paths, syntax trees and documents of the source tree, for the tests about the tree."""

import ast
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
    for folder in ("", "deploy/**/", "docs/**/", "firmware_bridge/**/")
    for page in ROOT.glob(f"{folder}*.md")
)


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def place(file: Path, node: ast.AST) -> str:
    return f"{os.path.relpath(file, ROOT)}:{getattr(node, 'lineno', 1)}"


def called(node: ast.AST) -> str:
    """Return the called name of a call: `time.sleep`, `self._db.execute`; "" for other nodes."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(file)) if isinstance(node, ast.Call))


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
