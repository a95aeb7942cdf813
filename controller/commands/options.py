"""Options that several commands share, and the way a command fails."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from controller.errors import ConfigError, InstallerError, RegistrarNeeded
from controller.model.config_codes import ConfigCode

if TYPE_CHECKING:
    from controller.config import Config
    from controller.services.site import Site


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class ListGroup(click.Group):
    """A group whose default command is `list`: options without a command go to it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("--") and args[0] != "--help":
            args = ["list", *args]
        return super().parse_args(ctx, args)


class ShowGroup(click.Group):
    """A group whose default command is `show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("--") and args[0] != "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


class PathType(click.Path):
    """A path that must not be empty: `--data "$UNSET"` would mean the current folder."""

    def __init__(self, dir_okay: bool = True, must_be_readable: bool = True) -> None:
        """`must_be_readable`: an unreadable path is wrong usage; otherwise the command reports it itself."""
        super().__init__(dir_okay=dir_okay, readable=must_be_readable, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("it is empty; give a path.", param, ctx)
        return super().convert(value, param, ctx)


class TimeText(click.ParamType[str]):
    """A time as typed, which must not be empty: `--until "$UNSET"` would mean no end."""

    name = "TIME"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail(
                "This is not a time; enter it as 2026-11-24 22:30, or leave the option out.", param, ctx
            )
        return value


DATA = "GENKAN_DATA"  # the environment variable that replaces --data


def data_folder_option(
    type: click.Path | None = None,
    help: str = "The data folder, with its genkan.toml.",
    required: bool = True,
) -> Decorator:
    """Return a decorator for `--data DIR`, whose default is the environment variable GENKAN_DATA."""
    return click.option(
        "--data", type=type or PathType(), required=required, envvar=DATA, show_envvar=True, help=help
    )


data_option = data_folder_option()


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--data DIR` and `--config FILE`; the command gets `file`, the chosen genkan.toml."""

    @data_folder_option(required=False)
    @click.option("--config", type=PathType(), help="The genkan.toml to use, instead of --data.")
    @functools.wraps(command)
    def with_file(data: Path | None, config: Path | None, **others: Any) -> Any:
        ctx = click.get_current_context()
        if data is not None and config is not None:
            if ctx.get_parameter_source("data") is ParameterSource.COMMANDLINE:
                raise click.UsageError("give --data DIR or --config FILE, not both.")
        elif data is not None:
            config = data / "genkan.toml"
        elif config is None:
            raise click.UsageError(f"give --data DIR or --config FILE, or set {DATA}.")
        return command(file=config, **others)

    return with_file


from_option = click.option(
    "--from",
    "start",
    type=TimeText(),
    help='"2026-12-01", or to the minute "2026-12-01 09:00"; default: now.',
)
until_option = click.option(
    "--until",
    "end",
    type=TimeText(),
    help='"2026-12-31", that day included, or to the minute "2026-12-31 18:00"; default: no end.',
)
utc_option = click.option(
    "--utc", "as_utc", is_flag=True, help="Print times in UTC instead of the site's time."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")


def fail(sentence: str) -> NoReturn:
    """End the command with exit status 1: the request failed or was refused."""
    raise click.ClickException(sentence)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except PermissionError as error:
        raise InstallerError(
            f"{file} is closed to this user; run this command as root: put `sudo` in front of it."
        ) from error


def time_text(utc: datetime, time_zone: tzinfo) -> str:
    """Return date, time and offset from UTC: 2026-11-24 15:00:00+09:00."""
    return utc.astimezone(time_zone).isoformat(" ", "seconds")


def for_a_time(start: str | None, end: str | None) -> str:
    """Return " from START until END" for the end of a sentence; empty without limits."""
    return (f" from {start}" if start else "") + (f" until {end}" if end else "")


def load_config(data: Path) -> "Config":
    """Load genkan.toml; if it has errors, warn and load the last valid one, as the door does."""
    from controller.config import LAST_GOOD, load_or_last_good

    file = data / "genkan.toml"
    if not _is_there(file) and not _is_there(data / LAST_GOOD):
        raise ConfigError(
            f"{data} is not a Genkan data folder (it has no genkan.toml); create one with "
            f"`genkan init --data {data}`.",
            ConfigCode.UNREADABLE,
            error="ENOENT",
        )
    config, problem = load_or_last_good(file)
    if problem is not None:
        click.echo(f"genkan: using the last valid configuration: {problem}", err=True)
    return config


@contextlib.contextmanager
def open_site(data: Path) -> "Iterator[Site]":
    """The site to read. Requests go to the registrar where one runs; else this process answers them, which
    opens the registry for writing at the first one, as the user who owns it. Only root and this user may.
    """
    from controller.commands.as_owner import refuse_other_users
    from controller.registrar.dispatch import LocalLinkWhenNeeded
    from controller.runtime.clock import Clock
    from controller.services.requests.socket_link import SocketLink
    from controller.services.requests.sockets import machine_socket
    from controller.services.site import Site

    config, now = load_config(data), Clock().now
    refuse_other_users(config.data / "registry")
    registrar = SocketLink(machine_socket(config.data))
    if registrar.is_answered():
        with (
            contextlib.closing(registrar),
            Site.open_to_read(config, now, registrar, may_read_key=True) as site,
        ):
            yield site
        return
    local = LocalLinkWhenNeeded(lambda: Site.open(config, now), partial(_as_writer, config.data))
    with contextlib.closing(local), Site.open_to_read(config, now, local, may_read_key=True) as site:
        try:
            site.registry.id()
        except RegistrarNeeded:
            local.open(site)
        yield site


@contextlib.contextmanager
def open_site_to_write(data: Path) -> "Iterator[Site]":
    """For a start that fills the folder while no registrar runs yet."""
    from controller.registrar.dispatch import link_locally
    from controller.runtime.clock import Clock
    from controller.services.site import Site

    with _as_writer(data), Site.open(load_config(data), Clock().now) as site:
        link_locally(site)
        yield site


def _as_writer(data: Path) -> "contextlib.AbstractContextManager[None]":
    """Root acts as the registrar's user, so that no file becomes root's."""
    from controller.commands.as_owner import as_owner_of
    from controller.registry.card_hash import key_file

    return as_owner_of(data / "registry", key_file(data / "keys"))
