"""`genkan osdp`: the keys of readers on an RS-485 line."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import data_option, fail, open_site

if TYPE_CHECKING:
    from controller.services.site import Site


@click.group()
def osdp() -> None:
    """Readers on an RS-485 line (OSDP)."""


@osdp.command()
@data_option
@click.option("--reader", required=True, metavar="NAME", help="The reader's name in genkan.toml.")
@click.option(
    "--again",
    is_flag=True,
    help="Create a new key even if the reader has one, because it was replaced or reset.",
)
def install(data: Path, reader: str, again: bool) -> None:
    """Create a key for a reader; the reader accepts it in install mode within ten minutes.

    Only root on the door's machine can run this, and could read the key anyway. The log records it like an
    operator's action.
    """
    with open_site(data) as site:
        _install(site, reader, again)
    click.echo(
        f"{reader} has a new key and accepts it within ten minutes: set the reader to install mode now."
    )


def _install(site: "Site", reader: str, again: bool) -> None:
    from controller.model.operators import MACHINE
    from controller.services.doors.requests import RecordInstall
    from firmware_bridge.osdp import install as window
    from firmware_bridge.osdp import keys

    config = site.config
    if reader not in config.readers or not config.readers[reader].path.startswith("osdp:"):
        fail(f"{reader} is not an OSDP reader in {config.file}; its path there must begin with osdp:.")
    folder = config.data / "keys" / "door" / "osdp"
    try:
        _make_folder(folder)
        if keys.key_file(folder, reader).exists() and not again:
            fail(
                f"{reader} has a key already; if the reader was replaced or reset, give --again, which "
                "creates a new one."
            )
        site.acting(MACHINE).send(RecordInstall(reader=reader))
        window.close_window(folder, reader)
        keys.make(folder, reader)
        window.open_window(folder, reader, window.this_boot(), window.boot_ms())
    except PermissionError as error:
        fail(f"{error.filename or folder} is not accessible; run this as root on the door's machine.")


def _make_folder(folder: Path) -> None:
    """Create the folder for the owner of keys/door, who is the door's user."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700)
    owner = folder.parent.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
