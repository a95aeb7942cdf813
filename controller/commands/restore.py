"""`genkan restore`: create a data folder from a backup."""

from pathlib import Path

import click

from controller.commands.options import PathType, data_folder_option


@click.command()
@data_folder_option(help="The folder to create; absent or empty.")
@click.option("--from", "file", type=PathType(dir_okay=False), required=True, help="The backup.")
@click.option("--keys", type=PathType(dir_okay=False), required=True, help="Its .keys file.")
@click.option(
    "--identity", type=PathType(dir_okay=False), help="A file with the age identity that can open the backup."
)
@click.option(
    "--passphrase-file",
    type=PathType(dir_okay=False),
    help="A file with the passphrase; in place of --identity.",
)
def restore(data: Path, file: Path, keys: Path, identity: Path | None, passphrase_file: Path | None) -> None:
    """Create a data folder from a backup and its keys; the log continues under a new key."""
    if (identity is None) == (passphrase_file is None):
        raise click.UsageError("give either --identity or --passphrase-file.")
    from controller.commands.owners import give_to_services
    from controller.commands.qr import print_qr
    from controller.runtime.clock import Clock
    from controller.services.backup import restore as restores
    from controller.services.backup.ciphers import decipher

    opener = decipher(identity, passphrase_file, lambda sentence: click.echo(f"genkan: {sentence}", err=True))
    restored = restores.restore(data, file, keys, opener, now=Clock().now())
    click.echo(f"Data folder: {restored.config.data}, as of {restored.created_utc}; everybody is signed out.")
    click.echo(f"Log:         {restored.records:,} records; {restored.conclusion.sentence}")
    click.echo(f"Log key:     {restored.log_key}")
    print_qr(restored.log_key, err=False)
    click.echo(
        "Keep this log key on paper with the first one: the log continues under it from "
        f"record {restored.records + 1:,} on. Records from after the backup are missing."
    )
    for lockdown in restored.lockdowns:
        where = "the whole site" if lockdown.area == "*" else lockdown.area
        since = lockdown.utc.isoformat(timespec="minutes")
        click.echo(
            f"Lockdown:    {where}, since {since}, {lockdown.reason}: in force until an operator ends it."
        )
    if not restored.lockdowns:
        click.echo("Lockdown:    none was in force at the time of the backup.")
    click.echo(
        "The backup has no lockdown that began or ended after it: check now whether one must be in "
        "force (`genkan lockdown begin`, `genkan lockdown end`)."
    )
    if restored.cancelled_erasures:
        click.echo(
            f"Erasures:    {restored.cancelled_erasures} pending in the backup; all are cancelled, because "
            "somebody may have cancelled them after it. Request those that still apply again."
        )
    if not restored.config.site.demo:
        give_to_services(restored.config)
