"""The `genkan` command: a table of its commands, each loaded from its own file when it is called."""

import importlib
import io
import sys

import click

from controller.commands.examples import add_examples
from controller.commands.program import Program
from controller.errors import GenkanError

COMMANDS = {
    "init": "controller.commands.init:init",
    "run": "controller.commands.run:run",
    "door": "controller.commands.services:door",
    "registrar": "controller.commands.services:registrar",
    "web": "controller.commands.services:web",
    "check": "controller.commands.check:check",
    "tap": "controller.commands.tap:tap",
    "sim": "controller.commands.sim:sim",
    "badge": "controller.commands.badge:badge",
    "issue": "controller.commands.issue.commands:issue",
    "person": "controller.commands.person.commands:person",
    "rules": "controller.commands.rules.commands:rules",
    "operator": "controller.commands.operator:operator",
    "osdp": "controller.commands.osdp:osdp",
    "log": "controller.commands.log.commands:log",
    "explain": "controller.commands.explain:explain",
    "alarms": "controller.commands.alarms:alarms",
    "lockdown": "controller.commands.lockdown:lockdown",
    "presence": "controller.commands.presence:presence",
    "clock": "controller.commands.clock:clock",
    "registry": "controller.commands.registry:registry",
    "backup": "controller.commands.backup:backup",
    "restore": "controller.commands.restore:restore",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        add_examples(command, cmd_name)
        return command


@click.group(cls=_Commands)
@click.version_option(package_name="genkan")
def genkan() -> None:
    """Genkan, the open controller for an office door."""


def run_command(arguments: list[str], program: Program) -> None:
    """Run a command and exit: 0 done, 1 failed or refused, 2 usage. An error is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character still gets the line
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = genkan.main(arguments, prog_name="genkan", standalone_mode=False, obj=program)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "genkan"
        click.echo(f"{where}: {_one_line(error.format_message())} (see `{where} --help`)", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"genkan: {_one_line(error.format_message())}", err=True)
        sys.exit(1)
    except GenkanError as error:
        click.echo(f"genkan: {_one_line(str(error))}", err=True)
        sys.exit(1)
    except click.Abort:
        click.echo("genkan: interrupted.", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        click.echo(f"genkan: {what}; check that the path exists and that you may use it.", err=True)
        sys.exit(1)


def _one_line(text: str) -> str:
    return " ".join(text.split())
