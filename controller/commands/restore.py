"""`genkan restore`: a data folder from a backup."""

from pathlib import Path

import click

from controller.commands.options import PathType, data_folder_option


@click.command()
@data_folder_option(help="The folder to make; absent or empty.")
@click.option("--from", "file", type=PathType(dir_okay=False), required=True, help="The backup.")
@click.option("--keys", type=PathType(dir_okay=False), required=True, help="Its .keys file.")
@click.option(
    "--identity", type=PathType(dir_okay=False), help="A file with the age identity it was made for."
)
@click.option("--passphrase-file", type=PathType(dir_okay=False), help="A file with the passphrase, instead.")
def restore(data: Path, file: Path, keys: Path, identity: Path | None, passphrase_file: Path | None) -> None:
    """Make a data folder from a backup and its keys; the log goes on under a new key."""
    if (identity is None) == (passphrase_file is None):
        raise click.UsageError("give --identity or --passphrase-file, one of the two.")
    from controller.commands.qr import print_qr
    from controller.runtime.clock import Clock
    from controller.services import restore as restores
    from controller.services.ciphers import decipher

    restored = restores.restore(data, file, keys, decipher(identity, passphrase_file), Clock().now())
    click.echo(f"Data folder: {restored.config.data}, as of {restored.made_utc}; everybody is signed out.")
    click.echo(f"Log:         {restored.records:,} records; {restored.verified}")
    click.echo(f"Log key:     {restored.log_key}")
    print_qr(restored.log_key, err=False)
    click.echo(
        "Keep this log key on paper with the first one: the log goes on under it from record "
        f"{restored.records + 1:,} on, and what was recorded after the backup is missing."
    )
    for lockdown in restored.lockdowns:
        where = "the whole site" if lockdown.area == "*" else lockdown.area
        since = lockdown.utc.isoformat(timespec="minutes")
        click.echo(
            f"Lockdown:    {where}, since {since}, {lockdown.reason}: in force again until it is ended."
        )
    if not restored.lockdowns:
        click.echo("Lockdown:    none was in force when the backup was made.")
    click.echo(
        "A lockdown that was begun or ended after that is in neither file: look at once whether one must "
        "be on (`genkan lockdown begin`, `genkan lockdown end`)."
    )
    if not restored.config.site.demo:
        click.echo("Give the files to the two services again: deploy/README.md, the data folder.")
