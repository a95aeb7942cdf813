"""`genkan person suspend` and `resume`: whether the doors refuse all badges of a person."""

from pathlib import Path

import click

from controller.commands.options import data_option, open_site
from controller.commands.person.named import person_named, person_option
from controller.model.operators import MACHINE

_reason_option = click.option("--reason", default="", help="Why; recorded.")


@click.command()
@data_option
@person_option()
@_reason_option
def suspend(data: Path, person: str, reason: str) -> None:
    """Have the doors refuse all badges of a person from the next tap on."""
    from controller.services.people.requests import SuspendPerson

    with open_site(data) as site:
        found = person_named(site, person)
        site.acting(MACHINE).send(SuspendPerson(person_id=found.id, reason=reason))
    click.echo(f"{found.name} is suspended; the doors refuse from the next tap on.")


@click.command()
@data_option
@person_option()
@_reason_option
def resume(data: Path, person: str, reason: str) -> None:
    """Have the doors accept the active badges of a suspended person again."""
    from controller.services.people.requests import ResumePerson

    with open_site(data) as site:
        found = person_named(site, person)
        site.acting(MACHINE).send(ResumePerson(person_id=found.id, reason=reason))
    click.echo(f"{found.name} is active again.")
