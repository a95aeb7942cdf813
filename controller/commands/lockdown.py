"""`genkan lockdown`: nobody enters an area, or the whole site, until it is ended."""

import json
from datetime import UTC
from pathlib import Path

import click

from controller.commands.options import ListGroup, data_option, json_option, open_house, time_text, utc_option
from controller.model.operators import MACHINE

_area = click.option("--area", help="The area's name in the rules; what lies within it is included.")
_site = click.option("--site", is_flag=True, help="The whole site.")
_reason = click.option("--reason", required=True, help="Why; it is kept, and recorded in the log.")


@click.group(cls=ListGroup)
def lockdown() -> None:
    """Begin, end and list lockdowns. Leaving is free in each."""


@lockdown.command()
@data_option
@_area
@_site
@_reason
def begin(data: Path, area: str | None, site: bool, reason: str) -> None:
    """Let nobody in from now on, but those who may override it."""
    from controller.services import lockdown as service

    where = _where(area, site)
    with open_house(data) as house:
        service.begin(house, MACHINE, house.now(), where, reason)
    click.echo("Lockdown begun.")


@lockdown.command()
@data_option
@_area
@_site
@_reason
def end(data: Path, area: str | None, site: bool, reason: str) -> None:
    """Let people in again as the rules say."""
    from controller.services import lockdown as service

    where = _where(area, site)
    with open_house(data) as house:
        service.end(house, MACHINE, house.now(), where, reason)
    click.echo("Lockdown ended.")


@lockdown.command("list")
@data_option
@utc_option
@json_option
def list_(data: Path, as_utc: bool, as_json: bool) -> None:
    """Those in force, oldest first: area (* is the site), since when, by whom, why."""
    from controller.services import lockdown as service

    with open_house(data) as house:
        for one in service.in_force(house):
            line = {
                "area": one.area,
                "utc": one.utc.isoformat(),
                "operator": one.operator_name,
                "reason": one.reason,
            }
            zone = UTC if as_utc else house.config.site.time_zone
            columns = line | {"utc": time_text(one.utc, zone)}
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else "\t".join(columns.values()))


def _where(area: str | None, site: bool) -> str:
    from controller.services.lockdown import SITE

    if site == (area is not None):
        raise click.UsageError("give either --area NAME or --site.")
    return SITE if area is None else area
