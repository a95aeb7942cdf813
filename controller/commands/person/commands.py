"""`genkan person`: the people who hold badges, from the command line."""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import data_option, json_option, open_site
from controller.commands.person.erase import erase
from controller.commands.person.level import level
from controller.commands.person.named import person_named, person_option
from controller.commands.person.suspend import resume, suspend
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.people.people import Person

_LONGEST_LINE = 200  # bytes; no PIN is longer


@click.group()
def person() -> None:
    """List, change, suspend and erase people; grant access levels; set and remove PINs."""


for command in (level, suspend, resume, erase):
    person.add_command(command)


@person.command("list")
@data_option
@json_option
def list_(data: Path, as_json: bool) -> None:
    """Print every person: reference, name, kana, state, badges."""
    from controller.services.people import erasing, people

    with open_site(data) as site:
        due = {one.person_id: one.due_utc for one in erasing.all_pending(site.acting(MACHINE))}
        after: str | None = None
        while True:
            page = people.search(site.acting(MACHINE), after=after, limit=500)
            for one in page.people:
                badges = [badge.last_four for badge in one.badges]
                if as_json:
                    click.echo(json.dumps(_line(one, badges, due.get(one.id)), ensure_ascii=False))
                else:
                    columns = (one.id, one.name, one.kana, one.status.value, ",".join(badges))
                    click.echo("\t".join(value or "-" for value in columns))
            if page.next is None:
                return
            after = page.next


def _line(one: "Person", badges: list[str], erasure_due: datetime | None) -> dict[str, object]:
    return {
        "reference": one.id,
        "person": one.name,
        "kana": one.kana,
        "status": one.status.value,
        "badges": badges,
        "category": one.standing.category,
        "qualifications": {name: day.isoformat() for name, day in one.standing.qualifications},
        "overrides": one.standing.overrides,
        "more_time": one.standing.more_time,
        "erasure_due_utc": None if erasure_due is None else erasure_due.isoformat(),
    }


@person.command("set")
@data_option
@person_option()
@click.option("--category", metavar="NAME", help="The person's category in the rules; empty: none.")
@click.option(
    "--qualification",
    "qualifications",
    multiple=True,
    metavar="NAME=DAY",
    help="A qualification until DAY, such as nda=2027-03-31; NAME= removes it. May be repeated.",
)
@click.option(
    "--overrides/--no-overrides", default=None, help="May enter during a lockdown and at a locked door."
)
@click.option(
    "--more-time/--no-more-time", default=None, help="The person may hold a door open longer before it warns."
)
def set_(
    data: Path,
    person: str,
    category: str | None,
    qualifications: tuple[str, ...],
    overrides: bool | None,
    more_time: bool | None,
) -> None:
    """Change a person's category, qualifications and other settings; the others stay unchanged."""
    from controller.services.people.requests import SetStanding

    with open_site(data) as site:
        found = person_named(site, person)
        held = dict(found.standing.qualifications)
        for text in qualifications:
            name, day = _qualification(text)
            held.pop(name, None)
            if day is not None:
                held[name] = day
        was = found.standing
        standing = replace(
            was,
            category=was.category if category is None else category or None,
            qualifications=tuple(sorted(held.items())),
            overrides=was.overrides if overrides is None else overrides,
            more_time=was.more_time if more_time is None else more_time,
        )
        now = site.acting(MACHINE).send(SetStanding(person_id=found.id, standing=standing)).standing
    held_text = ", ".join(f"{name} until {day}" for name, day in now.qualifications)
    click.echo(f"{found.name}: category {now.category or 'none'}; qualifications {held_text or 'none'}.")


def _qualification(text: str) -> tuple[str, date | None]:
    name, equals, day = text.partition("=")
    try:
        if not (name and equals):
            raise ValueError(text)
        return name, date.fromisoformat(day) if day else None
    except ValueError:
        raise click.UsageError(f"--qualification {text!r}: write it as nda=2027-03-31.") from None


@person.command()
@data_option
@person_option()
@click.option(
    "--duress", is_flag=True, help="The duress PIN, which opens the door as usual and raises a silent alarm."
)
@click.option("--generate", is_flag=True, help="Create a random PIN and print it once.")
@click.option("--remove", is_flag=True, help="Remove the PIN and the duress PIN.")
def pin(data: Path, person: str, duress: bool, generate: bool, remove: bool) -> None:
    """Set a person's PIN: the command asks for it, or reads the first line of standard input."""
    from controller.services.people.pin_requests import GeneratePin, RemovePin, SetDuressPin, SetPin

    if duress + generate + remove > 1:
        raise click.UsageError("give one of --duress, --generate and --remove.")
    with open_site(data) as site:
        acting, reference = site.acting(MACHINE), person_named(site, person).id
        if remove:
            acting.send(RemovePin(person_id=reference))
            click.echo("This person no longer has a PIN.")
        elif generate:
            click.echo(f"PIN: {acting.send(GeneratePin(person_id=reference))}")
        else:
            typed = _typed_pin()
            if duress:
                acting.send(SetDuressPin(person_id=reference, duress=typed, again=typed))
            else:
                acting.send(SetPin(person_id=reference, pin=typed, again=typed))
            click.echo("The duress PIN is set." if duress else "The PIN is set.")


def _typed_pin() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST_LINE).strip()
    typed: str = click.prompt("PIN", hide_input=True, confirmation_prompt=True)
    return typed
