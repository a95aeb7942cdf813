"""Lints a copy of the tree once for each breach planted in it: `python -P lint_breaches.py`.

A program of its own, because import-linter finds the packages by their names on the path, and starting it for
each breach costs ten times as much as the search. Run in the copy; reads a list of [contract, file, text] as
JSON and prints a list of [exit status, output]. The first run, with no breach, is of every contract.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path

from importlinter import cli
from importlinter.application import output


def lint(cache: str, *contracts: str) -> tuple[int, str]:
    printed = io.StringIO()
    output.console.file = printed
    with contextlib.redirect_stdout(printed):
        status = cli.lint_imports(limit_to_contracts=contracts, cache_dir=cache, no_logo=True)
    return status, printed.getvalue()


def with_breach(cache: str, contract: str, file: Path, text: str) -> tuple[int, str]:
    """A file is planted, or the import is added to a file that the contract names."""
    before = file.read_text("utf-8") if file.exists() else None
    file.write_text(f"{before or ''}\n{text}\n", encoding="utf-8")
    try:
        return lint(cache, contract)
    finally:
        file.unlink() if before is None else file.write_text(before, "utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        answers = [lint(cache)]
        for contract, file, text in json.load(sys.stdin):
            answers.append(with_breach(cache, contract, Path(file), text))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    os.environ |= {"COLUMNS": "500", "NO_COLOR": "1"}
    main()
