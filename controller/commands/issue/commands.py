"""`genkan issue`: badges that prove a key of their own, the commands for the door's machine.

The station's commands are in station.py.
"""

import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.issue.station import card, check, init, rotate
from controller.commands.issue.sun import sun
from controller.commands.options import PathType, data_option, fail, json_option, load_config, open_site
from controller.errors import BadInput
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.people.card_keys import KeysReport


@click.group()
def issue() -> None:
    """Badges that prove a key of their own: the issuing station, and the door's keys."""


for word in (init, card, sun, rotate, check):
    issue.add_command(word)


@issue.command("public-key")
@data_option
@click.option(
    "--output", type=PathType(dir_okay=False), help="Write it to this file instead of the terminal."
)
def public_key(data: Path, output: Path | None) -> None:
    """Show the door's public key, which the station wraps keys to; create the pair if missing (as root)."""
    from controller.issuing import door_key

    keys = load_config(data).data / "keys"
    try:
        public = door_key.make(keys)
    except PermissionError:  # this user may not create the pair, but may read the public half
        public = door_key.load_public(keys)
    except FileNotFoundError:
        fail(f"{keys} is not set up; run `genkan init --data {data}`.")
    if output is None:
        click.echo(public.text)
    else:
        try:
            output.write_text(f"{public.text}\n", "ascii")
        except OSError as error:
            fail(f"{output} cannot be written ({error.strerror}); give another --output.")
        click.echo(f"The door's public key {public.id} is in {output}. It is not a secret.")


@issue.command("import")
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only check the file.")
@click.option(
    "--anyway",
    is_flag=True,
    help="Import even if the door will then refuse badges that it accepts by their number now.",
)
@click.option(
    "--trust-station",
    "station",
    metavar="ID",
    help="Trust the station with this ID from now on; the file must be from it. "
    "`genkan issue check` shows the ID at the station.",
)
def import_(data: Path, file: Path, dry_run: bool, anyway: bool, station: str | None) -> None:
    """Import the keys of enrolled badges from the file that `genkan issue card` wrote."""
    from controller.services.people import card_keys
    from controller.services.people.card_key_requests import (
        CheckCardKeys,
        DiscardCardKeys,
        PublishCardKeys,
        TrustStation,
    )
    from web.words.import_findings import finding_text
    from web.words.words import Words

    if dry_run and station is not None:
        raise click.UsageError("--dry-run changes nothing, so it does not go with --trust-station.")
    content = _read(file, card_keys.MAX_BYTES)
    with open_site(data) as site:
        acting = site.acting(MACHINE)
        try:
            report = acting.send(CheckCardKeys(expected=station), content)
            if report.signed_by and station is not None:
                _compare(file, report.signed_by, station)
            if report.station and station is not None:
                acting.send(TrustStation(station=report.station))
                click.echo(f"From now on this door takes keys from the station {report.station_id} alone.")
                report = acting.send(CheckCardKeys(), content)
        except BadInput as error:
            raise click.ClickException(f"{file}: {error}") from error
        if report.station:
            fail(
                f"{file} is from the station {report.station_id}, which this door does not trust; nothing "
                "was imported. Compare the ID with `genkan issue check` there and give --trust-station."
            )
        for problem in report.problems:
            click.echo(
                f"{file}:{problem.line}: {finding_text(Words('en'), problem.code, problem.fields)}", err=True
            )
        if report.problem_count:
            fail(f"{file}: {report.problem_count} lines have a problem; nothing was imported.")
        for note in report.skipped:
            click.echo(
                f"{file}:{note.line}: left out: {finding_text(Words('en'), note.code, note.fields)}", err=True
            )
        if report.skipped_count > len(report.skipped):
            click.echo(
                f"{file}: and {report.skipped_count - len(report.skipped)} more lines left out.", err=True
            )
        if report.nothing_fits:
            fail(f"{file}: all {report.skipped_count} lines are left out; nothing was imported.")
        _warn_of_unusable_keys(report)
        if report.import_id is None:
            click.echo(f"Nothing to do: {report.same} badges have these keys already.")
        elif dry_run:
            acting.send(DiscardCardKeys(import_id=report.import_id))
            click.echo(f"{report.change_count} badges would get a key; nothing was changed.")
        elif report.remaining_unusable and report.by_number_until_then and not anyway:
            acting.send(DiscardCardKeys(import_id=report.import_id))
            fail(
                "Nothing was imported: issue those badges' cards for this door first and import all in one "
                "file, or give --anyway."
            )
        else:
            count = acting.send(PublishCardKeys(import_id=report.import_id))
            click.echo(f"{count} badges must prove their key from the next tap on.")


def _compare(file: Path, found: str, expected: str) -> None:
    from controller.issuing.signing import is_same_id

    if not is_same_id(found, expected):
        fail(f"{file} is from the station {found} and not from {expected}; nothing was imported or trusted.")


def _read(file: Path, most: int) -> bytes:
    from controller.issuing.read_at_most import read_at_most

    try:
        return read_at_most(file, most)
    except OSError as error:
        if error.errno == errno.EFBIG:
            fail(f"{file} is larger than {most // 1_000_000} MB; split it.")
        fail(f"{file} cannot be read ({error.strerror}); give the file that `genkan issue card` wrote.")


def _warn_of_unusable_keys(report: "KeysReport") -> None:
    if not report.remaining_unusable:
        return
    are = "have a key that cannot be used here and are not in this file"
    then = (
        "the door accepts their number now, and refuses them entry once you import a key for this door"
        if report.by_number_until_then
        else "the door refuses them entry"
    )
    click.echo(
        f"warning: {report.remaining_unusable} badges {are}: {then}. "
        "`genkan issue list --unusable` names them.",
        err=True,
    )


@issue.command("list")
@data_option
@click.option("--unusable", is_flag=True, help="Only badges whose key cannot be used at this door.")
@click.option("--old-chips", is_flag=True, help="Only badges whose chip may be from before 2018.")
@json_option
def list_(data: Path, unusable: bool, old_chips: bool, as_json: bool) -> None:
    """Print every badge and what it proves: holder, last four digits, key version, remarks."""
    from controller.services.people import card_keys

    with open_site(data) as site:
        for row in card_keys.inventory(site.acting(MACHINE)):
            if (unusable and (row.key_version is None or row.usable)) or (
                old_chips and not row.chip_doubtful
            ):
                continue
            line = {
                "person": row.badge.person_name,
                "badge": row.badge.last_four,
                "assurance": int(row.badge.assurance),
                "key_version": row.key_version,
                "chip": row.chip or None,
                "bought": row.bought,
                "usable": row.usable if row.key_version is not None else None,
                "chip_may_be_from_before_2018": row.chip_doubtful,
            }
            if as_json:
                click.echo(json.dumps(line, ensure_ascii=False))
                continue
            if row.key_version is None:
                proves = "number only, can be copied"
            elif not row.usable:
                so = "counts by its number" if row.by_number else "refused on the way in"
                proves = f"key version {row.key_version}, for another door or damaged: {so}"
            else:
                proves = f"proves key version {row.key_version}"
            remark = "chip may be from before 2018" if row.chip_doubtful else "-"
            click.echo("\t".join([row.badge.person_name, f"…{row.badge.last_four}", proves, remark]))


@issue.command()
@data_option
@click.option("--idm", required=True, metavar="HEX", help="The badge's number, as hexadecimal.")
@click.option("--reason", default="", help="Why; recorded with the change.")
def forget(data: Path, idm: str, reason: str) -> None:
    """Delete a badge's key; the door accepts its number alone again."""
    from controller.services.people import badges
    from controller.services.people.card_key_requests import ForgetCardKey

    with open_site(data) as site:
        acting = site.acting(MACHINE)
        found = badges.find_by_number(acting, idm)
        acting.send(ForgetCardKey(badge_id=found.id, reason=reason))
    click.echo(f"Badge …{found.last_four} of {found.person_name} counts by its number again.")
