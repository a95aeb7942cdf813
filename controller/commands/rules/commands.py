"""`genkan rules`: the rules as a file, and their versions."""

import json
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import PathType, data_option, json_option, open_site, time_text, utc_option
from controller.commands.rules.findings import finding_line, report_findings
from controller.commands.rules.rehearse import rehearse
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.site import Site

note_option = click.option("--note", default="", help="Why; recorded with the version.")
anyway_option = click.option("--anyway", is_flag=True, help="Publish even rules that nobody can ever meet.")


move_option = click.option(
    "--move",
    "moved",
    multiple=True,
    metavar="OLD=NEW",
    help="Change people from category OLD, which the rules no longer have, to NEW. May be repeated.",
)


def _moves(moved: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in moved:
        before, _, after = text.partition("=")
        if not (before and after):
            raise click.UsageError(f"--move {text!r}: write it as agency=contractor.")
        found[before] = after
    return found


@click.group()
def rules() -> None:
    """Export, import, rehearse, show and bring back rules."""


rules.add_command(rehearse)


@rules.command()
@data_option
@click.argument("file", type=PathType(dir_okay=False), required=False)
def export(data: Path, file: Path | None) -> None:
    """Write the rules in force, schedules and access levels to FILE, or to the terminal."""
    from controller.commands.partial_file import move_into_place, partial_file, write
    from controller.services.rules import import_file as rules_import

    with open_site(data) as site:
        text = rules_import.export_rules(site.acting(MACHINE))
    if file is None or str(file) == "-":
        click.echo(text, nl=False)
        return
    target = file.resolve()
    with partial_file(target) as part:
        write(part, [text.encode()])
        move_into_place(part, target)
    click.echo(f"The rules are in {file}.", err=True)


@rules.command("import")
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@note_option
@anyway_option
@move_option
def import_(data: Path, file: Path, note: str, anyway: bool, moved: tuple[str, ...]) -> None:
    """Publish the rules in FILE as a new version, with its schedules and access levels: all or nothing.

    Warnings are printed and do not stop it, for example that nobody has a PIN or a qualification yet. Rules
    that nobody can ever meet are published only with --anyway; rules with errors never are.
    """
    from controller.services.rules.file import MOST_BYTES
    from controller.services.rules.requests import ImportRules

    moves = _moves(moved)
    with file.open("rb") as source:
        content = source.read(MOST_BYTES + 1)
    with open_site(data) as site, report_findings(str(file)):
        request = ImportRules(note=note, heed_warnings=not anyway, moves=moves)
        done = site.acting(MACHINE).send(request, content)
        _warn(site, str(file))
    for what, names in (("Schedules", done.schedules), ("Access levels", done.levels)):
        if names:
            click.echo(f"{what} added or changed: {', '.join(names)}.")
    if done.is_new:
        click.echo(f"Version {done.version} of the rules is in force.")
    else:
        click.echo(f"The rules themselves are the same; version {done.version} stays in force.")


@rules.command()
@data_option
@click.option("--version", type=click.IntRange(1, 2**62), help="Show this version instead of the newest.")
@json_option
def show(data: Path, version: int | None, as_json: bool) -> None:
    """Print the rules in force, or an earlier version of them."""
    from controller.model.rule_book_form import to_plain
    from controller.services.rules import books as rule_books
    from controller.services.rules.toml_text import to_toml

    with open_site(data) as site:
        book = (
            rule_books.newest(site.acting(MACHINE))
            if version is None
            else rule_books.book(site.acting(MACHINE), version)
        )
    if as_json:
        line = {"version": book.version, "rules": to_plain(book)}
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo(f"# Version {book.version}\n{to_toml(to_plain(book))}", nl=False)


@rules.command()
@data_option
@utc_option
@json_option
def versions(data: Path, as_utc: bool, as_json: bool) -> None:
    """Print every version, newest first: number, time, operator, note."""
    from controller.services.rules import books as rule_books

    with open_site(data) as site:
        for one in rule_books.versions(site.acting(MACHINE)):
            line = {
                "version": one.version,
                "utc": one.utc.isoformat(),
                "operator": one.operator_name,
                "note": one.note,
            }
            zone = UTC if as_utc else site.config.site.time_zone
            columns = line | {"utc": time_text(one.utc, zone)}
            text = "\t".join(map(str, columns.values()))
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else text)


@rules.command("bring-back")
@data_option
@click.argument("version", type=click.IntRange(1, 2**62))
@click.option("--note", required=True, help="Why; recorded with the new version.")
@anyway_option
@move_option
def bring_back(data: Path, version: int, note: str, anyway: bool, moved: tuple[str, ...]) -> None:
    """Publish an earlier VERSION again, as a new one; schedules and access levels stay as they are.

    Warnings are printed and do not stop it; rules that nobody can ever meet need --anyway.
    """
    from controller.services.rules.requests import BringBackRules

    moves = _moves(moved)
    with open_site(data) as site, report_findings(f"version {version}"):
        request = BringBackRules(version=version, note=note, heed_warnings=not anyway, moves=moves)
        new = site.acting(MACHINE).send(request)
        _warn(site, f"version {version}")
    click.echo(f"Version {new} of the rules is in force; it is version {version} again.")


def _warn(site: "Site", source: str) -> None:
    """Print the findings about the published rules."""
    from controller.services.rules import books as rule_books

    for finding in rule_books.findings(site.acting(MACHINE), rule_books.newest(site.acting(MACHINE))):
        click.echo(finding_line(source, finding), err=True)
