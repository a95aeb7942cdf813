"""`genkan backup`: everything that another machine needs to continue, encrypted."""

from pathlib import Path

import click

from controller.commands.options import PathType, data_option, open_site
from controller.model.operators import MACHINE


@click.command()
@data_option
@click.option(
    "--output",
    type=PathType(dir_okay=False),
    required=True,
    help="The file to create; it must not exist yet.",
)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="AGE_RECIPIENT",
    help="An age public key (age1…) whose owner may open the backup.",
)
@click.option(
    "--passphrase-file",
    type=PathType(dir_okay=False),
    help="A file with the passphrase; in place of --recipient.",
)
def backup(data: Path, output: Path, recipients: tuple[str, ...], passphrase_file: Path | None) -> None:
    """Back up registry, log and configuration, encrypted, and the keys in a second file."""
    if bool(recipients) == (passphrase_file is not None):
        raise click.UsageError("give either --recipient (once or more often) or --passphrase-file.")
    from controller.services.backup import backup as backups
    from controller.services.backup.ciphers import cipher

    chosen = cipher(recipients, passphrase_file)
    with open_site(data) as site:
        created = backups.make(site.acting(MACHINE), output, chosen)
    click.echo(f"Backup: {created.file}, {created.size:,} bytes, {created.log.size:,} records of the log.")
    click.echo(
        f"Keys:   {created.keys}; keep it in another place than the backup. Without it you cannot restore "
        "the backup, and the door would recognise no badge."
    )
    if created.erasures_waiting:
        click.echo(
            f"genkan: this backup still holds {created.erasures_waiting} people whose erasure waits for the "
            "door service; start it, create another backup, and destroy this one.",
            err=True,
        )
