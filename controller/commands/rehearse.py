"""`genkan rules rehearse`: whose taps of the last 30 days the rules in a file would have ended otherwise."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import PathType, data_option, fail, json_option, open_house
from controller.commands.rule_findings import report_findings
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.house import House
    from controller.services.rehearse import Rehearsed


@click.command()
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@click.option("--all", "whole", is_flag=True, help="Every change, not only the newest 100.")
@json_option
def rehearse(data: Path, file: Path, whole: bool, as_json: bool) -> None:
    """Ask the rules in FILE about the taps of the last 30 days; nothing is published.

    Each tap is compared with what was recorded of it. Schedules and access levels in FILE count as well; a
    file without rules is asked with the rules in force. A person who would have been refused counts as
    outside until their next tap, so that what follows from a change shows as well. Lockdowns are those of the
    log. Ctrl-C stops the rehearsal.
    """
    from controller.services.rehearse import rehearse as ask
    from controller.services.rules_file import MOST_BYTES, read

    with file.open("rb") as source:
        content = source.read(MOST_BYTES + 1)
    with open_house(data) as house, report_findings(str(file), "rehearsed", "rehearse"):
        edited = read(content)
        try:
            with _percentage() as watch:
                found = ask(house, MACHINE, house.now(), edited, watch)
        except KeyboardInterrupt:
            fail("The rehearsal was stopped before its end; nothing is changed.")
        _print(house, found, whole, as_json)


@contextlib.contextmanager
def _percentage() -> Iterator[Callable[[int], bool]]:
    """How far it is, on one line of a terminal; nothing elsewhere."""
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


def _print(house: "House", found: "Rehearsed", whole: bool, as_json: bool) -> None:
    from web.explain_words import ending
    from web.times import moment_text

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
    zone = house.config.site.time_zone
    since = moment_text(found.since, zone)
    click.echo(f"{found.taps:,} taps since {since}; {len(found.changes):,} would have ended otherwise.")
    for what, names in (("Schedules", found.schedules), ("Access levels", found.levels)):
        if names:
            click.echo(f"{what} of the file that differ from those of now: {', '.join(names)}.")
    if following := sum(change.follows for change in found.changes):
        click.echo(
            f"{following:,} of them only because an earlier one would have left others inside, or not; "
            'they are marked "follows".'
        )
    if found.unmade:
        click.echo(
            f"{found.unmade:,} taps would not have been made: the person would have been inside already, "
            "or not where the reader is."
        )
    if found.gone:
        click.echo(f"{found.gone:,} more are of badges that nobody has any more; they were not asked about.")
    for (before, after), count in found.counts.items():
        click.echo(f"{count:>7,}  {ending(before, 'en')} -> {ending(after, 'en')}")
    for reason, count in sorted(found.observed.items()):
        click.echo(f"{count:>7,}  only noted: {ending(reason, 'en')}")
    for change in changes:
        where = (moment_text(change.utc, zone), change.access_point, change.name)
        ends = f"{ending(change.before, 'en')} -> {ending(change.after, 'en')}"
        click.echo("  ".join((*where, ends, *(["(follows)"] if change.follows else []))))
    if len(changes) < len(found.changes):
        click.echo(f"… and {len(found.changes) - len(changes):,} more; --all shows them.")


def _summary(found: "Rehearsed") -> dict[str, object]:
    return {
        "since": found.since.isoformat(),
        "in_force": found.in_force,
        "taps": found.taps,
        "gone": found.gone,
        "unmade": found.unmade,
        "changes": len(found.changes),
        "counts": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in found.counts.items()
        ],
        "observed": found.observed,
        "schedules": found.schedules,
        "levels": found.levels,
    }
