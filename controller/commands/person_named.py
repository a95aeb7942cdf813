"""The one person a command is about: by name, or by reference where several have one name."""

from typing import TYPE_CHECKING

import click

from controller.commands.options import fail
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.house import House
    from controller.services.people import Person

holder_option = click.option("--holder", metavar="NAME", help="The person's name.")
reference_option = click.option(
    "--reference", metavar="HEX", help="The person's reference, where several have one name."
)


def person_named(house: "House", holder: str | None, reference: str | None) -> "Person":
    from controller.services import people

    if (holder is None) == (reference is None):
        raise click.UsageError("give --holder NAME or --reference HEX, one of the two.")
    if reference is not None:
        return people.get(house, MACHINE, house.now(), reference)
    found = people.named(house, MACHINE, holder or "")
    if not found:
        fail(f"Nobody is called {holder}; see `genkan person list --data {house.config.data}`.")
    if len(found) > 1:
        references = ", ".join(one.id for one in found)
        fail(f"{len(found)} people are called {holder}; choose one by --reference: {references}.")
    return found[0]
