"""The manual page genkan(1), from the help of every command: `python -m controller.commands.manual`."""

from collections.abc import Iterator
from importlib.metadata import version

import click

from controller.commands.genkan import genkan

Words = tuple[str, ...]


def manual() -> str:
    """Return the page in roff, in the layout of man-pages(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH GENKAN 1 "" "Genkan {version("genkan")}" "User Commands"'
    yield from (".SH NAME", "genkan \\- the open controller for an office door")
    yield from (".SH SYNOPSIS", ".B genkan", ".I COMMAND", ".RI [ OPTIONS ]")
    yield ".SH COMMANDS"
    for path, command in leaf_commands(genkan, ("genkan",)):
        yield from _section(" ".join(path), command, click.Context(command, info_name=" ".join(path)))
    yield from (
        ".SH ENVIRONMENT",
        ".TP",
        ".B GENKAN_DATA",
        "The data folder, for commands without \\-\\-data.",
    )
    yield ".SH EXIT STATUS"
    for status, meaning in (("0", "Done."), ("1", "Refused or failed."), ("2", "Wrong usage.")):
        yield from (".TP", f".B {status}", meaning)
    yield "An error is one sentence on standard error."


def leaf_commands(
    group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each command that is not a group, with its full name as words."""
    ctx = click.Context(group, info_name=path[-1])
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from leaf_commands(command, (*path, name))
        elif command is not None and not command.hidden:
            yield (*path, name), command


def _section(name: str, command: click.Command, ctx: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(ctx))
    yield from (f'.SS "{_roff(name)} {_roff(usage)}"', *_paragraphs(command.help or ""))
    for parameter in command.get_params(ctx):
        if (record := parameter.get_help_record(ctx)) is not None:
            yield from (".TP", f".B {_roff(record[0])}", _roff(record[1]))
    if command.epilog:
        yield from (".PP", ".nf", *(_roff(line) for line in command.epilog.split("\n")[1:]), ".fi")


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b\n", "").split("\n\n"):
        yield from (".PP", _roff(" ".join(paragraph.split())))


def _roff(text: str) -> str:
    """Escape text so that no character of it begins a roff request or escape."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    click.echo(manual(), nl=False)
