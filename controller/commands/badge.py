"""`genkan badge`: people's badges from the command line, for scripts and for when the page is down."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.counted import counted
from controller.commands.options import (
    PathType,
    data_option,
    for_a_time,
    from_option,
    json_option,
    open_site,
    until_option,
)
from controller.commands.person.named import person_option
from controller.errors import BadInput
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.people.imports import LineProblem, PreviewRow

idm_option = click.option("--idm", required=True, metavar="HEX", help="The badge's number, as hexadecimal.")
kind_option = click.option(
    "--kind",
    default="",
    metavar="KIND",
    help="felica, type_a or wiegand (a number over OSDP).  [default: by the length of --idm]",
)
bits_option = click.option(
    "--bits",
    default="",
    metavar="N",
    help="How many bits an OSDP badge number has, such as 26; --idm is its value.",
)
reason_option = click.option("--reason", default="", help="Why; recorded with the change.")


@click.group()
def badge() -> None:
    """Add, list, suspend, resume, report lost and import badges."""


@badge.command()
@data_option
@person_option(help="The person's name or reference; a person with a new name is added.")
@idm_option
@kind_option
@bits_option
@click.option("--level", metavar="NAME", help="An access level to grant to the person.")
@from_option
@until_option
def add(
    data: Path,
    person: str,
    idm: str,
    kind: str,
    bits: str,
    level: str | None,
    start: str | None,
    end: str | None,
) -> None:
    """Enrol a badge, permanently or for a limited time."""
    from controller.services.people import people
    from controller.services.people.requests import AddBadgeForHolder
    from controller.services.validity import limit

    with open_site(data) as site:
        zone = site.config.site.time_zone
        first, last = limit("from", start or "", zone), limit("until", end or "", zone)
        added = site.acting(MACHINE).send(
            AddBadgeForHolder(
                holder=person,
                number=idm,
                level=level,
                first=first,
                last=last,
                kind=kind,
                bits=bits,
            )
        )
        holder = people.get(site.acting(MACHINE), added.person_id)
    levels = ", ".join(name.name for name in holder.levels)
    click.echo(
        f"Badge …{added.last_four} enrolled for {added.person_name}{for_a_time(added.first, added.last)}."
    )
    click.echo(f"Access levels: {levels}" if levels else "No access level yet, so it opens nothing.")


@badge.command("list")
@data_option
@json_option
def list_(data: Path, as_json: bool) -> None:
    """Print every badge: holder, last four digits, state, first and last day (with a time, if limited).

    A badge that cannot be read is named on standard error, and the exit status is then 1.
    """
    from controller.services.people import badges

    is_complete = True
    with open_site(data) as site:
        after: str | None = None
        while True:
            page = badges.search(site.acting(MACHINE), after=after, limit=500)
            for one in page.badges:
                line = {
                    "person": one.person_name,
                    "badge": one.last_four,
                    "kind": one.kind.value,
                    "status": one.status.value,
                    "first_day": one.first,
                    "last_day": one.last,
                }
                click.echo(
                    json.dumps(line, ensure_ascii=False)
                    if as_json
                    else "\t".join(str(value) if value is not None else "-" for value in line.values())
                )
            for problem in page.unreadable:
                click.echo(f"genkan: {problem}", err=True)
                is_complete = False
            if page.next is None:
                break
            after = page.next
    if not is_complete:
        raise SystemExit(1)


def _change(data: Path, number: tuple[str, str, str], verb: str, reason: str) -> None:
    from controller.services.people import badges
    from controller.services.people.requests import ReportBadgeLost, ResumeBadge, SuspendBadge

    request = {"suspend": SuspendBadge, "resume": ResumeBadge, "lost": ReportBadgeLost}[verb]
    with open_site(data) as site:
        acting = site.acting(MACHINE)
        found = badges.find_by_number(acting, *number)
        changed = acting.send(request(badge_id=found.id, reason=reason))
    click.echo(f"Badge …{changed.last_four} of {changed.person_name} is now {changed.status.value}.")


@badge.command()
@data_option
@idm_option
@kind_option
@bits_option
@reason_option
def suspend(data: Path, idm: str, kind: str, bits: str, reason: str) -> None:
    """Refuse a badge until you resume it."""
    _change(data, (idm, kind, bits), "suspend", reason)


@badge.command()
@data_option
@idm_option
@kind_option
@bits_option
@reason_option
def resume(data: Path, idm: str, kind: str, bits: str, reason: str) -> None:
    """Accept a suspended badge, or a lost badge that was found, again."""
    _change(data, (idm, kind, bits), "resume", reason)


@badge.command()
@data_option
@idm_option
@kind_option
@bits_option
@reason_option
def lost(data: Path, idm: str, kind: str, bits: str, reason: str) -> None:
    """Report a badge lost; the doors refuse it from the next tap on."""
    _change(data, (idm, kind, bits), "lost", reason)


def _text(note: "LineProblem") -> str:
    from web.words.import_findings import finding_text
    from web.words.words import Words

    lines = f" ({note.count} lines: {note.lines})" if note.count > 1 else ""
    return finding_text(Words("en"), note.code, note.fields) + lines


def _show_first(rows: "tuple[PreviewRow, ...]", zone: ZoneInfo) -> None:
    """Print the column titles, then each row as the import would store it, separated by tabs."""
    click.echo("\t".join(("line", "name", "kana", "badge", "level", "category", "valid_from", "valid_until")))
    for row in rows:
        cells = (str(row.line), row.name, row.kana, f"…{row.badge}", "; ".join(row.levels))
        category = row.category.name if row.category else ""
        columns = (*cells, category, row.from_text(zone), row.until_text(zone))
        click.echo("\t".join(cell or "-" for cell in columns))


@badge.command("import")
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only check the file.")
def import_(data: Path, file: Path, dry_run: bool) -> None:
    """Import badges from CSV, all or nothing.

    Required columns: name, idm. Optional: kana, kind, bits, level, category, valid_from, valid_until.
    Titles, levels, categories and kinds may also be as the pages show them, in English or Japanese.
    --dry-run prints the first rows as the import would store them.
    """
    from controller.services.people import imports
    from controller.services.people.import_requests import CheckImport, DiscardImport, PublishImport

    if file.stat().st_size > imports.MAX_BYTES:
        raise BadInput("file", f"{file} is larger than {imports.MAX_BYTES // 1_000_000} MB; split it.")
    content = file.read_bytes()
    with open_site(data) as site:
        try:
            report = site.acting(MACHINE).send(CheckImport(), content)
        except BadInput as error:  # a problem of the file as a whole
            raise click.ClickException(f"{file}: {error}") from error
        for note in report.warnings:
            click.echo(f"{file}:{note.line}: note: {_text(note)}", err=True)
        for problem in report.problems:
            click.echo(f"{file}:{problem.line}: {_text(problem)}", err=True)
        if report.import_id is None:
            raise click.ClickException(
                f"{file}: {report.problem_count} of {counted(report.rows, 'row')} "
                f"{'has' if report.problem_count == 1 else 'have'} a problem; "
                "nothing was imported: correct them and import again."
            )
        if dry_run:
            site.acting(MACHINE).send(DiscardImport(import_id=report.import_id))
            _show_first(report.first_rows, site.config.site.time_zone)
            click.echo(f"{counted(report.rows, 'badge')} can be imported; nothing was changed.")
        else:
            count = site.acting(MACHINE).send(PublishImport(import_id=report.import_id))
            click.echo(f"{counted(count, 'badge')} imported.")
