"""`genkan registry`: what differs between the list of badges and the log, and accepting the list as it is."""

from pathlib import Path

import click

from controller.commands.counted import counted
from controller.commands.options import ShowGroup, data_option, open_site
from controller.model.operators import MACHINE


@click.group(cls=ShowGroup)
def registry() -> None:
    """Compare the list of badges with the log, and accept it where somebody put an older one back."""


@registry.command()
@data_option
def show(data: Path) -> None:
    """Print what differs: people, badges and rules that no record in the log gives their rights."""
    from controller.services.backup.registry_comparison import compare
    from web.words.registry_differences import comparison_view
    from web.words.words import Words

    with open_site(data) as site:
        found = compare(site.acting(MACHINE), site.key)
        view = comparison_view(found, Words.of_site(site.config, "en"))
    if view.cause:
        click.echo(f"The list of badges was replaced: {view.cause}.")
    for kind in view.kinds:
        click.echo(f"{kind.title}: {kind.count:,}")
        for row in kind.rows:
            click.echo(f"  {row.name}: {row.how}")
        if kind.more:
            click.echo(f"  … and {kind.more:,} more")
    if found.waiting:
        click.echo(f"The door has yet to record {counted(found.waiting, 'action')}.")
    if not found.cause and not found.differing:
        click.echo("The list of badges matches the log.")
    if found.can_be_accepted:
        click.echo(
            f"To accept it as it is: genkan registry accept --fingerprint {found.fingerprint} --reason TEXT"
        )


@registry.command()
@data_option
@click.option(
    "--fingerprint", required=True, help="Of what differs, as `genkan registry show` printed it with that."
)
@click.option("--reason", required=True, help="Why the list is right as it is; recorded in the log.")
def accept(data: Path, fingerprint: str, reason: str) -> None:
    """Accept the list as it is: all its rights are recorded again, and are then in force."""
    from controller.services.backup.requests import AcceptRegistry

    with open_site(data) as site:
        site.acting(MACHINE).send(AcceptRegistry(fingerprint=fingerprint, reason=reason))
    click.echo("Accepted. The door records all rights again.")
