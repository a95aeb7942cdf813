"""`genkan lockdown`: nobody enters an area, or the whole site, until an operator ends the lockdown."""

import json
from datetime import UTC
from pathlib import Path

import click

from controller.commands.options import ListGroup, data_option, json_option, open_site, time_text, utc_option
from controller.model.operators import MACHINE

_area = click.option("--area", help="The area's name in the rules; the areas within it are included.")
_site = click.option("--site", "whole_site", is_flag=True, help="The whole site.")
_reason = click.option("--reason", required=True, help="Why; recorded in the log.")


@click.group(cls=ListGroup)
def lockdown() -> None:
    """Begin, end and list lockdowns. A lockdown never keeps anyone from leaving."""


@lockdown.command()
@data_option
@_area
@_site
@_reason
def begin(data: Path, area: str | None, whole_site: bool, reason: str) -> None:
    """From now on, admit only people who may override a lockdown."""
    from controller.services.doors.requests import BeginLockdown

    where = _where(area, whole_site)
    with open_site(data) as site:
        site.acting(MACHINE).send(BeginLockdown(area=where, reason=reason))
    click.echo("Lockdown begun.")


@lockdown.command()
@data_option
@_area
@_site
@_reason
def end(data: Path, area: str | None, whole_site: bool, reason: str) -> None:
    """Admit people by the rules again."""
    from controller.services.doors.requests import EndLockdown

    where = _where(area, whole_site)
    with open_site(data) as site:
        site.acting(MACHINE).send(EndLockdown(area=where, reason=reason))
    click.echo("Lockdown ended.")


@lockdown.command("list")
@data_option
@utc_option
@json_option
def list_(data: Path, as_utc: bool, as_json: bool) -> None:
    """Print the lockdowns in force, oldest first: area (* is the site), start, operator, reason."""
    from controller.services.doors import lockdown as service

    with open_site(data) as site:
        for one in service.in_force(site):
            line = {
                "area": one.area,
                "utc": one.utc.isoformat(),
                "operator": one.operator_name,
                "reason": one.reason,
            }
            zone = UTC if as_utc else site.config.site.time_zone
            columns = line | {"utc": time_text(one.utc, zone)}
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else "\t".join(columns.values()))


def _where(area: str | None, site: bool) -> str:
    from controller.services.doors.lockdown import SITE

    if site == (area is not None):
        raise click.UsageError("give either --area NAME or --site.")
    return SITE if area is None else area
