"""`--person`: the person a command is about, by name or reference."""

import re
from copy import copy
from typing import TYPE_CHECKING

import click

from controller.commands.options import Decorator, fail
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.people.people import Person
    from controller.services.site import Site

_REFERENCE = re.compile("[0-9a-f]{16}")


class PersonOption(click.Option):
    """`--person`, and its names in earlier releases, which scripts may still use and help hides."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        canonical = copy(self)
        canonical.opts = self.opts[:1]
        return super(PersonOption, canonical).get_help_record(ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        return "'--person'"


def person_option(required: bool = True, help: str = "The person's name or reference.") -> Decorator:
    """Return a decorator that passes `person`, the text as typed, or None if absent and not required."""
    return click.option(
        "--person",
        "--holder",
        "--cardholder",
        "--reference",
        "person",
        cls=PersonOption,
        metavar="NAME",
        multiple=True,
        required=required,
        help=help,
        callback=_only_one,
    )


def _only_one(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> str | None:
    if len(values) > 1:
        raise click.UsageError("give one person; --person takes a name or a reference.", ctx)
    return values[0] if values else None


def person_named(site: "Site", text: str) -> "Person":
    """Return the person with this reference, or the only one with exactly this name or kana.

    Width, spaces and hiragana or katakana make no difference. Fail with one sentence otherwise.
    """
    from controller.services.people import people

    namesakes = people.named(site.acting(MACHINE), text)
    found = [one for one in namesakes if one.name == text] or namesakes
    if not found and _REFERENCE.fullmatch(text):
        return people.get(site.acting(MACHINE), text)  # its error names the day of an erasure
    if not found:
        fail(f"Nobody is called {text!r}; see `genkan person list --data {site.config.data}`.")
    if len(found) > 1:
        references = ", ".join(one.id for one in found)
        fail(f"{len(found)} people are called {text!r}; give --person one of these references: {references}.")
    return found[0]
