"""`genkan log checkpoint`: the newest signed checkpoint, to keep where the administrator has no access."""

from pathlib import Path

import click

from controller.commands.options import PathType, data_option, fail, open_site


@click.command()
@data_option
@click.option("--qr/--no-qr", default=True, help="Also print it as a QR code, on standard error.")
@click.option(
    "--output", type=PathType(dir_okay=False), help="Write to this file instead of standard output."
)
def checkpoint(data: Path, qr: bool, output: Path | None) -> None:
    """Print a new checkpoint of the log, or the newest existing one if no door service runs.

    Keep it elsewhere: later, `genkan log verify --checkpoint FILE` checks that the log still extends it.
    """
    from controller.commands.partial_file import move_into_place, partial_file, write
    from controller.commands.qr import print_qr
    from controller.model.operators import MACHINE
    from controller.services.log.signing import Signer, fresh_checkpoint, patience

    with open_site(data) as site:
        note, problem = fresh_checkpoint(site.acting(MACHINE), Signer(patience))
    if note is None:
        fail(f"The log has no checkpoint yet. {problem}")
    if output is None or str(output) == "-":
        click.echo(note.encode(), nl=False)
    else:
        with partial_file(output.resolve()) as part:
            write(part, [note.encode()])
            move_into_place(part, output.resolve())
    if problem is not None:
        click.echo(f"This is the newest checkpoint there was. {problem}", err=True)
    if qr:
        print_qr(note)
