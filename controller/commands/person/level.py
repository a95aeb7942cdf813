"""`genkan person level`: grant an access level, permanently or for a limited time, or remove it."""

from pathlib import Path

import click

from controller.commands.options import data_option, for_a_time, from_option, open_site, until_option
from controller.commands.person.named import person_named, person_option
from controller.model.operators import MACHINE


@click.command()
@data_option
@person_option()
@click.option("--level", "name", required=True, metavar="NAME", help="The access level.")
@from_option
@until_option
@click.option("--remove", is_flag=True, help="Remove the level instead.")
def level(
    data: Path,
    person: str,
    name: str,
    start: str | None,
    end: str | None,
    remove: bool,
) -> None:
    """Grant an access level, or change its time limits; other levels stay unchanged."""
    from controller.services import validity
    from controller.services.access import level_times
    from controller.services.access.requests import HoldLevel, WithdrawLevel

    if remove and (start or end):
        raise click.UsageError("--remove removes the level permanently; leave out --from and --until.")
    with open_site(data) as site:
        acting, found = site.acting(MACHINE), person_named(site, person)
        level_id = level_times.level_named(acting, name)
        if remove:
            acting.send(WithdrawLevel(person_id=found.id, level=level_id))
            click.echo(f"{found.name} no longer holds {name}.")
            return
        zone = site.config.site.time_zone
        first, last = validity.limit("from", start or "", zone), validity.limit("until", end or "", zone)
        valid_from, valid_until = validity.moments(first, last, zone)
        acting.send(HoldLevel(person_id=found.id, level=level_id, start=valid_from, end=valid_until))
        time = for_a_time(validity.limit_text(first, zone), validity.limit_text(last, zone))
    click.echo(f"{found.name} holds {name}{time or ', without limit'}.")
