"""`genkan issue`: badges that prove a key of their own. What is done on the door's machine; the words of the
station are in issue_station.py.
"""

import json
from pathlib import Path

import click

from controller.commands.issue_station import card, check, init, rotate
from controller.commands.options import PathType, data_option, fail, json_option, load_config, open_house
from controller.errors import BadInput
from controller.model.operators import MACHINE


@click.group()
def issue() -> None:
    """Badges that prove a key of their own: the issuing station, and what the door needs of it."""


for word in (init, card, rotate, check):
    issue.add_command(word)


@issue.command("public-key")
@data_option
@click.option("--output", type=PathType(dir_okay=False), help="Write it there instead of showing it.")
def public_key(data: Path, output: Path | None) -> None:
    """Show the door's public key, which the station wraps to; make the pair where there is none (as root)."""
    from controller.issuing import door_key

    keys = load_config(data).data / "keys"
    try:
        public = door_key.make(keys)
    except PermissionError:  # not for this user to make; the public half it may read
        public = door_key.load_public(keys)
    except FileNotFoundError:
        fail(f"{keys} is not set up; run `genkan init --data {data}`.")
    if output is None:
        click.echo(public.text)
    else:
        output.write_text(f"{public.text}\n", "ascii")
        click.echo(f"The door's public key {public.id} is in {output}. It is no secret.")


@issue.command("import")
@data_option
@click.argument("file", type=PathType(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only check the file.")
def import_(data: Path, file: Path, dry_run: bool) -> None:
    """Import the keys of enrolled badges from the file that `genkan issue card` wrote."""
    from controller.services import card_keys

    if file.stat().st_size > card_keys.MAX_BYTES:
        raise BadInput("file", f"{file} is larger than {card_keys.MAX_BYTES // 1_000_000} MB; split it.")
    content = file.read_bytes()
    with open_house(data) as house:
        try:
            report = card_keys.check(house, MACHINE, house.now(), content)
        except BadInput as error:
            raise click.ClickException(f"{file}: {error}") from error
        for problem in report.problems:
            click.echo(f"{file}:{problem.line}: {problem.text}", err=True)
        if report.problem_count:
            fail(f"{file}: {report.problem_count} lines have a problem; nothing was imported.")
        for note in report.skipped:
            click.echo(f"{file}:{note.line}: left out: {note.text}", err=True)
        if report.import_id is None:
            click.echo(f"Nothing to do: {report.same} badges have these keys already.")
        elif dry_run:
            card_keys.discard(house, MACHINE, house.now(), report.import_id)
            click.echo(f"{len(report.changes)} badges would get a key; nothing was changed.")
        else:
            count = card_keys.publish(house, MACHINE, house.now(), report.import_id)
            click.echo(f"{count} badges have to prove their key from the next tap on.")


@issue.command("list")
@data_option
@json_option
def list_(data: Path, as_json: bool) -> None:
    """Every badge and what it proves: holder, last four digits, key version, chip, remarks."""
    from controller.services import card_keys

    with open_house(data) as house:
        for row in card_keys.inventory(house, MACHINE, house.now()):
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
                proves = f"key version {row.key_version}, wrapped to another door: cannot be used here"
            else:
                proves = f"proves key version {row.key_version}"
            remark = "chip may be from before 2018" if row.chip_doubtful else "-"
            click.echo("\t".join([row.badge.person_name, f"…{row.badge.last_four}", proves, remark]))


@issue.command()
@data_option
@click.option("--idm", required=True, metavar="HEX", help="The badge's number, as hexadecimal.")
@click.option("--reason", default="", help="Why; it is kept with the change.")
def forget(data: Path, idm: str, reason: str) -> None:
    """Take a badge's key away; it counts by its number again."""
    from controller.services import badges, card_keys

    with open_house(data) as house:
        found = badges.find_by_number(house, MACHINE, house.now(), idm)
        card_keys.forget(house, MACHINE, house.now(), found.id, reason)
    click.echo(f"Badge …{found.last_four} of {found.person_name} counts by its number again.")
