"""`genkan person`: the people who hold badges, from the command line."""

import json
import time
from pathlib import Path

import click

from controller.commands.options import data_option, fail, json_option, open_house
from controller.model.operators import MACHINE

_WAIT_S = 30.0
_LOOK_S = 0.1


@click.group()
def person() -> None:
    """List and erase."""


@person.command("list")
@data_option
@json_option
def list_(data: Path, as_json: bool) -> None:
    """Everybody: reference, name, reading, state, badges."""
    from controller.services import people

    with open_house(data) as house:
        after: str | None = None
        while True:
            page = people.search(house, MACHINE, house.now(), after=after, limit=500)
            for one in page.people:
                badges = [badge.last_four for badge in one.badges]
                if as_json:
                    line = {"reference": one.id, "person": one.name, "kana": one.kana}
                    click.echo(
                        json.dumps(line | {"status": one.status.value, "badges": badges}, ensure_ascii=False)
                    )
                else:
                    shown = (one.id, one.name, one.kana, one.status.value, ",".join(badges))
                    click.echo("\t".join(value or "-" for value in shown))
            if page.next is None:
                return
            after = page.next


@person.command()
@data_option
@click.option("--holder", metavar="NAME", help="The person's name.")
@click.option("--reference", metavar="HEX", help="The person's reference, where several have one name.")
@click.option("--reason", required=True, help="Why; it is kept, so it may not hold the name.")
def erase(data: Path, holder: str | None, reference: str | None, reason: str) -> None:
    """Erase a person for good: from the registry at once, from the log as soon as the door has done it."""
    from controller.services import people
    from controller.services.doors import door_service_runs

    if (holder is None) == (reference is None):
        raise click.UsageError("give --holder NAME or --reference HEX, one of the two.")
    with open_house(data) as house:
        if reference is None:
            found = people.named(house, MACHINE, holder or "")
            if not found:
                fail(f"Nobody is called {holder}; see `genkan person list --data {data}`.")
            if len(found) > 1:
                references = ", ".join(one.id for one in found)
                fail(f"{len(found)} people are called {holder}; choose one by --reference: {references}.")
            reference = found[0].id
        people.erase(house, MACHINE, house.now(), reference, reason)
        click.echo("Erased from the registry: name, badges and what was written about them.")
        if not door_service_runs(house.config.data):
            click.echo(
                "The log and the door's copy of the registry still hold the name; it is erased there when "
                "the door service runs next."
            )
            return
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            done = people.erasure(house, MACHINE, reference)
            if done is not None and done.records is not None:
                click.echo(f"Erased from the log: the details of {done.records} records.")
                return
            time.sleep(_LOOK_S)
        click.echo("The door service is at it; the log is done when it shows person_erased.")
