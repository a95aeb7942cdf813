"""`genkan rules rehearse`: which taps of the last 30 days would have ended differently under other rules."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import PathType, data_option, fail, json_option, open_site
from controller.commands.rules.findings import report_findings
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.rules.rehearse import RehearsalResult
    from controller.services.site import Site


@click.command()
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@click.option("--all", "whole", is_flag=True, help="Print every change, not only the newest 100.")
@json_option
def rehearse(data: Path, file: Path, whole: bool, as_json: bool) -> None:
    """Apply the rules in FILE to the taps of the last 30 days; publish nothing.

    The command compares each result with the record of the tap. FILE may also have schedules and access
    levels; without rules in FILE, the rules in force apply. A person whom the rules in FILE refuse counts as
    outside until their next tap, so the output also shows what follows from a change. Lockdowns are those of
    the log. Ctrl-C stops the rehearsal.
    """
    from controller.services.rules.file import MOST_BYTES, read
    from controller.services.rules.rehearse import rehearse as ask

    with file.open("rb") as source:
        content = source.read(MOST_BYTES + 1)
    with open_site(data) as site, report_findings(str(file), "rehearsed", "rehearse"):
        edited = read(content)
        try:
            with _percentage() as watch:
                found = ask(site.acting(MACHINE), edited, watch)
        except KeyboardInterrupt:
            fail("The rehearsal was stopped before its end; nothing was changed.")
        _print(site, found, whole, as_json)


@contextlib.contextmanager
def _percentage() -> Iterator[Callable[[int], bool]]:
    """Yield a callback that prints the progress on one line of a terminal, and prints nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda percent: False
        return
    printed = -1

    def watch(percent: int) -> bool:
        nonlocal printed
        if percent != printed:
            printed = percent
            click.echo(f"\rRehearsing the taps of the last 30 days: {percent} %", err=True, nl=False)
        return False

    try:
        yield watch
    finally:
        click.echo(f"\r{' ' * 60}\r", err=True, nl=False)


def _print(site: "Site", found: "RehearsalResult", whole: bool, as_json: bool) -> None:
    from web.rules.explained import ending
    from web.words.words import Words

    changes = found.changes if whole or as_json else found.changes[:100]
    if as_json:
        click.echo(json.dumps(_summary(found), ensure_ascii=False))
        for change in changes:
            line = {
                "seq": change.seq,
                "utc": change.utc.isoformat(),
                "person": change.name,
                "person_ref": change.person,
                "access_point": change.access_point,
                "before": change.before,
                "after": change.after,
                "follows": change.follows,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
        return
    words = Words.of_site(site.config, "en")
    since = words.moment(found.since)
    click.echo(f"{found.taps:,} taps since {since}; {len(found.changes):,} would have ended differently.")
    for what, names in (("Schedules", found.schedules), ("Access levels", found.levels)):
        if names:
            click.echo(f"{what} of the file that differ from the current ones: {', '.join(names)}.")
    if following := sum(change.follows for change in found.changes):
        click.echo(
            f"{following:,} of them only because an earlier change would have changed who is inside; "
            'they are marked "follows".'
        )
    if found.not_attempted:
        click.echo(
            f"{found.not_attempted:,} taps could not have happened: the person would have been inside "
            "already, or not where the reader is."
        )
    if found.without_badge:
        click.echo(
            f"{found.without_badge:,} more are of badges that no longer belong to anyone; they were left out."
        )
    for (before, after), count in found.counts.items():
        click.echo(f"{count:>7,}  {ending(before, words)} -> {ending(after, words)}")
    for reason, count in sorted(found.observed.items()):
        click.echo(f"{count:>7,}  only observed: {ending(reason, words)}")
    for change in changes:
        where = (words.moment(change.utc), change.access_point, change.name)
        ends = f"{ending(change.before, words)} -> {ending(change.after, words)}"
        click.echo("  ".join((*where, ends, *(["(follows)"] if change.follows else []))))
    if len(changes) < len(found.changes):
        click.echo(f"… and {len(found.changes) - len(changes):,} more; --all shows them.")


def _summary(found: "RehearsalResult") -> dict[str, object]:
    return {
        "since": found.since.isoformat(),
        "in_force": found.in_force,
        "taps": found.taps,
        "without_badge": found.without_badge,
        "unmade": found.not_attempted,
        "changes": len(found.changes),
        "counts": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in found.counts.items()
        ],
        "observed": found.observed,
        "schedules": found.schedules,
        "levels": found.levels,
    }
