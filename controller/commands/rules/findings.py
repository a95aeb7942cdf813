"""Print problems and warnings about rules, one per line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from controller.commands.options import fail

if TYPE_CHECKING:
    from controller.services.rules.findings import Finding


@contextmanager
def report_findings(source: str, done: str = "published", again: str = "publish") -> Iterator[None]:
    """Print the findings of refused rules, one per line, and fail; a single problem is the error itself."""
    from controller.services.rules.findings import RulesRefused

    try:
        yield
    except RulesRefused as refused:
        lines = [finding_line(source, finding) for finding in refused.findings]
        if not refused.findings[0].is_warning and len(lines) == 1:
            fail(lines[0])
        for text in lines:
            click.echo(text, err=True)
        if refused.findings[0].is_warning:
            fail(f"{source}: nothing was {done}: nobody can ever meet this; use --anyway to do it.")
        fail(f"{source}: nothing was {done}; correct the problems and {again} again.")


def finding_line(source: str, finding: "Finding") -> str:
    where = f"{source} {finding.where}: " if finding.where else f"{source}: "
    return " ".join(f"{where}{'warning: ' if finding.is_warning else ''}{finding}".split())
