"""`genkan person erase`: erase somebody after the waiting time, or cancel that."""

from pathlib import Path

import click

from controller.commands.options import data_option, open_site, time_text
from controller.commands.person.named import person_named, person_option
from controller.model.operators import MACHINE


@click.command()
@data_option
@person_option()
@click.option("--reason", help="Why; recorded, so it must not contain the name. Needed to erase.")
@click.option("--cancel", is_flag=True, help="Cancel the pending erasure of this person instead.")
def erase(data: Path, person: str, reason: str | None, cancel: bool) -> None:
    """Erase somebody who is suspended or has no active badge: after the waiting time of genkan.toml,
    permanently, from the registry and from the log.
    """
    from controller.services.people.requests import CancelErasure, RequestErasure

    if reason is None and not cancel:
        raise click.UsageError("Missing option '--reason'.")
    with open_site(data) as site:
        acting, found = site.acting(MACHINE), person_named(site, person)
        if cancel:
            acting.send(CancelErasure(person_id=found.id, reason=reason or ""))
            click.echo(f"The erasure of {found.name} is cancelled.")
            return
        pending = acting.send(RequestErasure(person_id=found.id, reason=reason or ""))
        due = time_text(pending.due_utc, site.config.site.time_zone)
    click.echo(
        f"{found.name} will be erased at {due}. Until then, cancel it with "
        f"`genkan person erase --cancel --person {found.id}`."
    )
