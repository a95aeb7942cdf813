"""`genkan init`: the data folder, its keys and databases, and the code for the first administrator."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import data_option, fail, open_site
from controller.config import Config, load

if TYPE_CHECKING:
    from controller.services.site import Site

_FIRST_CONFIG = """\
# Genkan, real hardware. Every key with its default: deploy/genkan.example.toml.
[site]
name = "Genkan"
time_zone = "Asia/Tokyo"

[web]
host = "127.0.0.1"
port = 8080
"""


@click.command()
@data_option
def init(data: Path) -> None:
    """Create the data folder and keys; print a one-time set-up code. As root, set the owners of the files."""
    from controller.commands.owners import give_to_services
    from controller.journal.seal import log_key_file

    is_new = not (data / "registry" / "registry.db").exists()
    config, log_key = make_folder(data, _FIRST_CONFIG)
    click.echo(f"Data folder: {config.data}")
    changed = give_to_services(config, show_each=not is_new)
    with open_site(data) as site:
        code = set_up_code(site)
    if code is None:
        click.echo(f"An administrator exists already{'' if changed else '; nothing was changed'}.")
    else:
        click.echo(f"Set-up code: {code}")
        click.echo("Use it on the page within an hour to create the first administrator; it works once.")
    if log_key is not None:
        _show_log_key(log_key)
    elif (kept := log_key_file(config.data / "keys")).is_file():
        click.echo(f"Log key: created already; it is in {kept} and on the page Proof of the log.")


def _show_log_key(log_key: str) -> None:
    from controller.commands.qr import print_qr

    click.echo(f"Log key:     {log_key}")
    print_qr(log_key, err=False)
    click.echo("Keep the log key on paper in the customer's safe: it verifies the log without us.")


def set_up_code(site: "Site") -> str | None:
    """Return a new code, which replaces an earlier one, or None if an administrator exists."""
    from controller.model.operators import MACHINE
    from controller.services.operators import sign_in
    from controller.services.operators.sign_in_requests import NewSetUpCode

    return site.acting(MACHINE).send(NewSetUpCode()) if sign_in.set_up_needed(site) else None


def make_folder(data: Path, first_config: str | None) -> tuple[Config, str | None]:
    """Create what is missing in `data`; keep an existing genkan.toml.

    Also return the log's first public key if this call began the log, else None.
    """
    from controller.runtime.clock import Clock
    from controller.services.site import Site

    file = data / "genkan.toml"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if first_config is not None and not file.exists():
            file.write_text(first_config, encoding="utf-8")
        config = load(file)
        log_key = Site.init(config, Clock().now())
    except (PermissionError, FileNotFoundError) as error:
        fail(f"{error.filename or data} is not writable; choose another folder or change its owner.")
    except (NotADirectoryError, FileExistsError):
        fail(f"{data} is not a folder; give --data a folder.")
    return config, log_key
