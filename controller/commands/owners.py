"""Owners and modes of the data folder: what `genkan check` reports, and root's `genkan init` corrects."""

import os

import click

from controller.commands.counted import counted
from controller.config import Config
from controller.errors import GenkanError
from controller.services.data_folder.layout import places
from controller.services.data_folder.owners import USERS, owners_of
from controller.services.data_folder.permissions import correct_all, deviations


def check_owners(config: Config) -> str:
    """Raise GenkanError, with a line for each file that deviates and the command that corrects it."""
    owners = owners_of(config.data, config.site.demo)
    found = list(deviations(config.data, owners))
    if found:
        lines = [f"{one.path} is {one.present}, not {one.wanted}: {one.remedy}" for one in found]
        raise GenkanError(
            f"{counted(len(found), 'file')} in {config.data} with another owner or mode; as root, "
            f"`genkan init --data {config.data}` corrects all, or run each command:\n" + "\n".join(lines)
        )
    count = sum(1 for _ in places(config.data))
    if owners is None:
        return f"one user owns all {count} files and folders"
    return f"each service owns its own, {count} files and folders that this user may see"


def give_to_services(config: Config, show_each: bool = False) -> bool:
    """As root, give each service its files and print what changed; return whether anything did.

    Where the services have no users, say what to do. Any other user changes nothing. Raise InstallerError.
    """
    if os.geteuid() != 0:
        return False
    owners = owners_of(config.data, is_demo=False)
    changed = list(correct_all(config.data, owners, config.site.demo))
    if changed and show_each:
        for one in changed:
            click.echo(f"Owners:      {one.path}: {one.present} is now {one.wanted}")
        click.echo("Owners:      restart the services (`systemctl restart 'genkan-*'`).")
    elif owners is not None:
        click.echo("Owners:      each service owns its own files.")
    elif not config.site.demo:
        names = ", ".join(USERS.values())
        click.echo(f"Owners:      create the users {names} (deploy/README.md), then run `genkan init` again.")
    return bool(changed)
