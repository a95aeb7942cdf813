"""`genkan presence`: who is inside, and corrections of it."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import click

from controller.commands.options import ListGroup, data_option, json_option, open_site, time_text, utc_option
from controller.commands.person.named import person_named, person_option
from controller.model.operators import MACHINE

_reason = click.option("--reason", required=True, help="Why; recorded in the log.")
_person = person_option(required=False)
_area = click.option("--area", help="The area's name in the rules.")


@click.group(cls=ListGroup)
def presence() -> None:
    """Show who is inside each area by the log, correct missed taps, forgive anti-passback."""


@presence.command("list")
@data_option
@utc_option
@json_option
def list_(data: Path, as_utc: bool, as_json: bool) -> None:
    """Print everyone inside: area, since when, person, category, name."""
    from controller.services.presence import presence as service

    with open_site(data) as site:
        for area in service.roster(site.acting(MACHINE)).areas:
            for one in area.people:
                line = {
                    "area": area.name,
                    "since": one.since.isoformat(),
                    "person": one.id,
                    "category": one.category,
                    "name": one.name,
                    "forgiven": one.forgiven,
                }
                zone = UTC if as_utc else site.config.site.time_zone
                columns = line | {"since": time_text(one.since, zone)}
                _print(line if as_json else columns, as_json, ("area", "since", "person", "category", "name"))


@presence.command()
@data_option
@utc_option
@json_option
def missed(data: Path, as_utc: bool, as_json: bool) -> None:
    """Print uncorrected missed taps, newest first: number, time, kind, area, person, name, and "refused"
    if the door refused the person."""
    from controller.services.presence import presence as service

    with open_site(data) as site:
        for one in service.missed(site.acting(MACHINE)):
            line = {
                "seq": one.seq,
                "utc": one.utc.isoformat(),
                "missed": one.kind.value,
                "area": one.area,
                "person": one.person,
                "name": one.name,
                "refused": one.refused,
            }
            zone = UTC if as_utc else site.config.site.time_zone
            columns = line | {"utc": time_text(one.utc, zone), "refused": "refused" if one.refused else None}
            _print(line if as_json else columns, as_json, tuple(line))


@presence.command()
@data_option
@click.argument("number", type=click.IntRange(1, 2**62), required=False)
@_person
@_area
@click.option("--outside", is_flag=True, help="The person is outside.")
@_reason
def correct(
    data: Path, number: int | None, person: str | None, area: str | None, outside: bool, reason: str
) -> None:
    """Correct missed tap NUMBER of the list, or the place of --person: --area NAME or --outside.

    For a missed tap, --outside counts the person out; without it their place stays as recorded.
    """
    from controller.services.presence.requests import CorrectPresence, ResolveMissedTap

    if (number is None) == (person is None):
        raise click.UsageError("give either the NUMBER of a missed tap or --person.")
    if number is not None and area is not None:
        raise click.UsageError("--area goes with --person, not with the NUMBER of a missed tap.")
    if person is not None and (area is None) != outside:
        raise click.UsageError("give either --area NAME or --outside.")
    with open_site(data) as site:
        acting = site.acting(MACHINE)
        if number is not None:
            acting.send(ResolveMissedTap(seq=number, outside=outside, reason=reason))
        else:
            found = person_named(site, str(person))
            acting.send(CorrectPresence(person=found.id, area=area, reason=reason))
    click.echo("Corrected.")


@presence.command()
@data_option
@_person
@_area
@_reason
def forgive(data: Path, person: str | None, area: str | None, reason: str) -> None:
    """Exempt the next entry of --person, or of everyone inside --area, from anti-passback."""
    from controller.services.presence.requests import ForgiveArea, ForgivePerson

    if (person is None) == (area is None):
        raise click.UsageError("give either --person or --area.")
    with open_site(data) as site:
        acting = site.acting(MACHINE)
        if area is not None:
            count = acting.send(ForgiveArea(area=area, reason=reason))
            click.echo(f"Forgiven: {count}.")
            return
        found = person_named(site, str(person))
        acting.send(ForgivePerson(person=found.id, reason=reason))
    click.echo("Forgiven.")


@presence.command()
@data_option
@click.option("--area", required=True, help="The area's name in the rules.")
@_reason
def empty(data: Path, area: str, reason: str) -> None:
    """Count everyone in --area out."""
    from controller.services.presence.requests import EmptyArea

    with open_site(data) as site:
        count = site.acting(MACHINE).send(EmptyArea(area=area, reason=reason))
    click.echo(f"Counted out: {count}.")


def _print(line: dict[str, Any], as_json: bool, columns: tuple[str, ...]) -> None:
    if as_json:
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo("\t".join(str(line[name] or "-") for name in columns))
