"""`genkan issue sun`: keys of NTAG 424 DNA cards, which another tool personalises."""

from pathlib import Path

import click

from controller.commands.issue.station import (
    bought_option,
    door_option,
    out_option,
    passphrase_from,
    passphrase_option,
    station_option,
)
from controller.commands.options import PathType


@click.command()
@station_option
@passphrase_option
@click.option(
    "--uid",
    "numbers",
    multiple=True,
    required=True,
    metavar="HEX",
    help="The card's UID, 14 digits; repeat it for more cards.",
)
@door_option
@out_option
@click.option(
    "--keys",
    type=PathType(dir_okay=False),
    required=True,
    help="A new file for the tool that personalises the cards: their keys, unencrypted.",
)
@bought_option
def sun(
    folder: Path,
    passphrase_file: Path | None,
    numbers: tuple[str, ...],
    door_file: Path,
    out: Path,
    keys: Path,
    bought: int | None,
) -> None:
    """Create keys for NTAG 424 DNA cards that another tool personalises (SUN); append them to the file."""
    from controller.issuing.issue import read_door_key
    from controller.issuing.issue_file import check_appendable
    from controller.issuing.issue_sun import issue_sun, number_of
    from controller.issuing.station import open_station

    cards = list(dict.fromkeys(number_of(text) for text in numbers))
    door = read_door_key(door_file)
    check_appendable(out)
    station = open_station(folder, passphrase_from(passphrase_file))
    if issue_sun(station, door, cards, out, keys=keys, bought=bought):
        click.echo(f"An incomplete line was removed from {out}; issue that card again.", err=True)
    click.echo(f"{len(cards)} keys of version {station.newest}: the lines for the door are in {out}.")
    click.echo(f"{keys} holds the keys unencrypted: personalise the cards, then destroy it.")
