"""`genkan operator`: accounts for the pages, for a person with access to the machine."""

import sys
from pathlib import Path

import click

from controller.commands.options import data_option, open_site
from controller.model.operators import MACHINE, OperatorRole

_LONGEST_LINE = 10_000  # bytes; no password is longer


@click.group()
def operator() -> None:
    """Add and list operators, reset a forgotten password."""


@operator.command()
@data_option
@click.option("--name", required=True, help="The name for sign-in.")
@click.option("--display-name", help="The name on pages and in the log; default: --name.")
@click.option("--role", type=click.Choice([role.value for role in OperatorRole]), required=True)
@click.option("--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option(
    "--password-file",
    type=click.File("rb"),
    help="Read the password from the first line of this file (- for standard input) instead of asking.",
)
def add(
    data: Path,
    name: str,
    display_name: str | None,
    role: str,
    language: str,
    password_file: click.File | None,
) -> None:
    """Add an operator."""
    from controller.services.operators.requests import AddOperator

    password = _password(password_file)
    with open_site(data) as site:
        added = site.acting(MACHINE).send(
            AddOperator(
                name=name,
                display_name=display_name or name,
                role=OperatorRole(role),
                language=language,
                password=password,
            )
        )
    click.echo(f"Operator {added.name} added as {added.role.value}.")


def _password(file: object) -> str:
    if file is not None:
        line: bytes = file.readline(_LONGEST_LINE)  # type: ignore[attr-defined]
        try:
            return line.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise click.UsageError("--password-file is not UTF-8; save it again as UTF-8.") from None
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the password; give --password-file.")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@operator.command("list")
@data_option
def list_(data: Path) -> None:
    """Print every operator: name, role, state."""
    from controller.services.operators import operators

    with open_site(data) as site:
        for one in operators.all_operators(site.acting(MACHINE)):
            click.echo(f"{one.name}\t{one.role.value}\t{one.status.value}")


@operator.command()
@data_option
@click.argument("name")
def reset(data: Path, name: str) -> None:
    """Set a new random password for NAME and print it once. Enables the account and ends its sessions."""
    from controller.services.operators.requests import ResetOperator

    with open_site(data) as site:
        password = site.acting(MACHINE).send(ResetOperator(name=name))
    click.echo(f"New password of {name}: {password}")
