"""The commands of the issuing station, an office PC with its own reader; never the door's machine."""

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.counted import counted
from controller.commands.issue import reader as issue_reader
from controller.commands.options import PathType, fail
from controller.errors import InstallerError

if TYPE_CHECKING:
    from controller.issuing.write_card import CardState

station_option = click.option(
    "--station", "folder", type=PathType(), required=True, help="The station's folder, with its master keys."
)
passphrase_option = click.option(
    "--passphrase-file",
    type=PathType(dir_okay=False),
    help="A file whose first line is the passphrase; without it, the command asks.",
)


_MOST_ERRORS_PRINTED = 100
_LARGEST_PASSPHRASE = 65_536


@click.command()
@station_option
@passphrase_option
@click.option(
    "--first-version",
    type=click.IntRange(1, 0xFFFE),
    default=1,
    help="After you lost a station: higher than any version on your badges.",
)
@click.option("--demo", is_flag=True, help="For virtual cards, which other stations refuse.")
def init(folder: Path, passphrase_file: Path | None, first_version: int, demo: bool) -> None:
    """Create a station: its folder and first master key."""
    from controller.issuing.station import create_station

    passphrase = passphrase_from(passphrase_file, new=True)
    station = create_station(folder, passphrase, first_version, demo)
    click.echo(f"Station {folder} has its master key, version {station.newest}. Its ID is {station.id}.")
    if demo:
        click.echo("It is a demo station for virtual cards; create another one for a real door.")
    click.echo(
        "Keep a copy of the folder and the passphrase in safes apart from each other: without them you"
    )
    click.echo("cannot issue a card again. Never copy either to a door.")


@click.command()
@station_option
@passphrase_option
def rotate(folder: Path, passphrase_file: Path | None) -> None:
    """Create a new master key. A card gets its new key when you issue it again."""
    from controller.issuing.station import open_station
    from controller.issuing.station import rotate as rotated

    passphrase = passphrase_from(passphrase_file)
    rotated_station = rotated(open_station(folder, passphrase), passphrase)
    click.echo(
        f"The newest master key is now version {rotated_station.newest}; copy the folder to the safe again."
    )
    click.echo(f"Its ID is {rotated_station.id}: each door asks for it at the next import.")
    click.echo("Issue each card again with `genkan issue card`, then import the file at the door.")


def _check_wait(context: click.Context, parameter: click.Parameter, seconds: float) -> float:
    if not math.isfinite(seconds) or not 0 <= seconds <= 86_400:
        raise click.UsageError(f"--wait {seconds} is not possible; give 0 to 86400 seconds.")
    return seconds


_wait_option = click.option(
    "--wait",
    "seconds",
    type=float,
    default=30.0,
    callback=_check_wait,
    metavar="SECONDS",
    help="How long to wait for a card.",
)


door_option = click.option(
    "--for",
    "door_file",
    type=PathType(dir_okay=False),
    required=True,
    help="The door's public key, from `genkan issue public-key` or the page.",
)
out_option = click.option(
    "--out",
    type=PathType(dir_okay=False),
    required=True,
    help="The file to import at the door; lines are appended.",
)
bought_option = click.option(
    "--bought",
    type=click.IntRange(2000, 2999),
    metavar="YEAR",
    help="The year in which you bought the cards.",
)


@click.command()
@station_option
@passphrase_option
@click.option("--reader", "path", required=True, metavar="PATH", help=issue_reader.HELP)
@door_option
@out_option
@bought_option
@_wait_option
@click.option("--many", is_flag=True, help="Issue one card after the other, until no card comes.")
def card(
    folder: Path,
    passphrase_file: Path | None,
    path: str,
    door_file: Path,
    out: Path,
    bought: int | None,
    seconds: float,
    many: bool,
) -> None:
    """Write a card's key, lock and verify the card, append a line. Completes a half-issued card."""
    from controller.issuing.issue import issue as issued
    from controller.issuing.issue import read_door_key, wait_for_card
    from controller.issuing.issue_file import check_appendable
    from controller.issuing.station import open_station
    from controller.issuing.write_card import CardLeft, UnusableCard

    door = read_door_key(door_file)
    check_appendable(out)
    station = open_station(folder, passphrase_from(passphrase_file))
    click.echo(f"Keys are wrapped to the door {door.id}; compare that with its page.")
    done: set[bytes] = set()
    seen: set[bytes] = set()
    not_issued: set[bytes] = set()
    with issue_reader.reader_at(path, station.demo) as device:
        while True:
            click.echo("Put the next card on the reader." if seen else "Put a card on the reader.")
            found = wait_for_card(device, seconds, frozenset(seen))
            if found is None:
                break
            try:
                before, after, mended = issued(
                    device, card=found, station=station, door=door, bought=bought, out=out
                )
            except (CardLeft, UnusableCard) as error:
                if not many:
                    raise
                click.echo(str(error), err=True)
                not_issued.add(found.idm)
                if isinstance(error, UnusableCard):
                    seen.add(found.idm)
                continue
            done.add(found.idm)
            not_issued.discard(found.idm)
            seen.add(found.idm)
            if mended:
                click.echo(f"An incomplete line was removed from {out}; issue that card again.", err=True)
            click.echo(
                f"Card …{after.number.last_four}: {_state_text(before)}, now locked with key version "
                f"{after.key_version} and proved; the line is in {out}."
            )
            if not many:
                return
    if not_issued:
        fail(f"{len(done)} cards issued, {len(not_issued)} not; see the messages above.")
    if not done:
        fail(f"No card came within {seconds:g} seconds; nothing was written.")
    click.echo(f"{len(done)} cards issued.")


@click.command()
@station_option
@passphrase_option
@click.option(
    "--reader", "path", metavar="PATH", help=f"Also check the card on this reader. {issue_reader.HELP}"
)
@click.option("--out", type=PathType(dir_okay=False), help="Also check this output file.")
@_wait_option
def check(
    folder: Path, passphrase_file: Path | None, path: str | None, out: Path | None, seconds: float
) -> None:
    """Check the station, its output file and a card. Changes nothing."""
    from controller.issuing.issue import wait_for_card
    from controller.issuing.station import FILE, open_station
    from controller.issuing.write_card import read_state

    station = open_station(folder, passphrase_from(passphrase_file))
    click.echo(f"Station {folder}: master keys {', '.join(str(v) for v in reversed(station.versions))}.")
    if (folder / FILE).stat().st_mode & 0o077:
        click.echo(
            f"warning: {folder / FILE} is open to other users of this PC; run `chmod 600` on it.", err=True
        )
    click.echo(f"Its ID is {station.id}; a door asks for it at the first import.")
    bad = 0 if out is None else _report_file(out, station.key.public)
    if path is not None:
        with issue_reader.reader_at(path, station.demo) as device:
            click.echo("Put a card on the reader.")
            card = wait_for_card(device, seconds)
            if card is None:
                fail(f"No card came within {seconds:g} seconds.")
            found = read_state(card, station)
        newest = found.is_whole and found.key_version == station.newest
        after = (
            ""
            if newest
            else " `genkan issue card` finishes it."
            if not found.is_whole
            else (" `genkan issue card` gives it the newest key.")
        )
        click.echo(f"Card …{found.number.last_four}: {_state_text(found)}.{after}")
    if bad:
        fail(f"{out}: {bad} lines are not valid lines of an issuing station; see the messages above.")


def _report_file(out: Path, own: str) -> int:
    from controller.issuing.chips import may_be_from_before_2018
    from controller.issuing.issue_file import LARGEST, BadLine, IssuedKey, lines_of, parse
    from controller.issuing.read_at_most import read_at_most
    from web.words.import_findings import finding_text
    from web.words.words import Words

    try:
        content = read_at_most(out, LARGEST)
    except OSError as error:
        raise InstallerError(f"{out} cannot be read ({error.strerror}); give another --out.") from error
    lines: dict[str, IssuedKey] = {}
    bad = 0
    for number, line in lines_of(content):
        try:
            issued = parse(line)
        except BadLine as error:
            bad += 1
            if bad <= _MOST_ERRORS_PRINTED:
                click.echo(f"{out}:{number}: {finding_text(Words('en'), error.code)}", err=True)
            continue
        lines[issued.number.hex] = issued
    for version, count in sorted(Counter(one.version for one in lines.values()).items()):
        click.echo(f"{out}: {counted(count, 'card')} with key version {version}.")
    if others := sum(one.station != own for one in lines.values()):
        click.echo(f"{out}: {others} of them by another station, or before its last `genkan issue rotate`.")
    old = [one.number.last_four for one in lines.values() if may_be_from_before_2018(one.chip, one.bought)]
    if old:
        click.echo(
            f"{out}: {len(old)} chips may be from before 2018: {', '.join('…' + four for four in old)}."
        )
    return bad


def _state_text(found: "CardState") -> str:
    if not found.locked:
        return "as it was sold" if found.is_as_sold else "half done"
    if found.proved is None:
        return "locked with a key that is not this station's"
    if not found.is_whole:
        return "half done"
    return f"locked with key version {found.key_version}"


def passphrase_from(file: Path | None, new: bool = False) -> str:
    from controller.issuing.byte_order import as_utf8
    from controller.issuing.read_at_most import read_at_most

    if file is None:
        entered: str = click.prompt("Passphrase of the station", hide_input=True, confirmation_prompt=new)
        return entered
    try:
        lines = as_utf8(read_at_most(file, _LARGEST_PASSPHRASE)).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InstallerError(f"{file} cannot be read ({why}); give another file.") from error
    return lines[0] if lines else ""
