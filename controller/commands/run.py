"""`genkan run`: the three services in the foreground, for trials, training and tests.

The door starts first and needs neither a sound log nor a sound registry: people must get out.
"""

import contextlib
import errno
import http.client
import os
import shlex
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.children import Child, keep_running, stop_signals, wait_until_ready
from controller.commands.demo_config import demo_config
from controller.commands.options import data_option, fail, load_config, open_site_to_write
from controller.commands.program import Program
from controller.config import LAST_GOOD, Config
from controller.errors import AwaitingRecovery, GenkanError, InstallerError
from controller.journal.alive import is_door_alive

if TYPE_CHECKING:
    from controller.services.data_folder.owners import ProcessOwner

SAMPLE_IDM = "0101031284C0FFEE"
DEMO_PORT = 8080
_READY_S = 60.0
_STATE_WITHIN_S = 10.0  # of the start; then the door's disk takes no write


@click.command()
@data_option
@click.option(
    "--demo", is_flag=True, help="A simulated door with sample people; creates the folder if it is new."
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The page's port, instead of the one in genkan.toml."
)
@click.option(
    "--language",
    type=click.Choice(("ja", "en")),
    help="Language of the sample data of --demo; default: by the locale (LANG).",
)
@click.pass_obj
def run(program: Program, data: Path, demo: bool, port: int | None, language: str | None) -> None:
    """Run the door, the registrar and the web service in the foreground.

    As root, each runs as the user who owns its files.
    """
    config, log_key = _prepare(data, demo, port)
    port = port or config.web.port
    _refuse_second_door(config)
    _refuse_used_port(config.web.host, port)
    file = str(config.file)
    with stop_signals():
        door_serves = _DoorServes(config.data / "journal")
        identities = _identities(config)
        children = [Child("door", program.command("door", "--config", file), identity=identities.get("door"))]
        try:
            code, problem = _prepare_site(config, demo, language)
            unidentified = [name for name in ("registrar", "web") if identities.get(name, True) is None]
            problems = [] if problem is None else [problem]
            problems += [
                f"The {name} service does not start: a folder is missing that shows its user; put the folder "
                "back, and start again."
                for name in unidentified
            ]
            for sentence in problems:
                click.echo(f"genkan: {sentence} The door runs all the same: everyone can leave.", err=True)
            for name, words in (("registrar", ()), ("web", ("--port", str(port)))):
                if name not in unidentified:
                    command = program.command(name, "--config", file, *words)
                    children.append(Child(name, command, identity=identities.get(name)))
            needed = children[:1] if problems else children
            failed = wait_until_ready(
                needed,
                lambda: door_serves() and (bool(problems) or _pages_work(config, port)),
                _READY_S,
            )
            if failed is not None:
                fail(f"The {failed} service did not start; its own message is above.")
            _announce(config, port, code, log_key)
            keep_running(children)
        finally:
            for child in children:
                child.end()
            for child in children:
                child.wait_end(10)


def _prepare(data: Path, demo: bool, port: int | None) -> tuple[Config, str | None]:
    """Return the configuration, and the log's first public key if this call created the folder."""
    if not (data / "genkan.toml").is_file() and not (data / LAST_GOOD).is_file():
        if not demo:
            fail(f"{data} is not set up; create it with `genkan init --data {data}` or `genkan run --demo`.")
        from controller.commands.init import make_folder

        _refuse_used_port("127.0.0.1", port or DEMO_PORT)  # before creating anything
        return make_folder(data, demo_config(port or DEMO_PORT))
    config = load_config(data)
    if demo and not config.site.demo:
        fail(f"{data} is set up for real hardware; give --demo a folder of its own.")
    if not any(os.path.lexists(data / name) for name in ("registry/registry.db", "journal/journal.db")):
        from controller.commands.init import make_folder

        return make_folder(data, None)
    return config, None


def _identities(config: Config) -> "dict[str, ProcessOwner | None]":
    """By service; empty where one user owns the folder, or this user may not become another one.

    None for a service whose folder is missing, where nothing else shows its user: then root runs the door.
    """
    from controller.services.data_folder.layout import Owner
    from controller.services.data_folder.owners import owners_of

    if os.geteuid() != 0 or (owners := owners_of(config.data, config.site.demo)) is None:
        return {}
    return {owner.value: owners.identity(owner) for owner in (Owner.DOOR, Owner.REGISTRAR, Owner.WEB)}


def _refuse_second_door(config: Config) -> None:
    """Refuse if a door runs on this folder: the wait for the new door would see its lock."""
    if is_door_alive(config.data / "journal"):
        fail(f"Another door process is running on {config.data}; stop it first.")


def _prepare_site(config: Config, demo: bool, language: str | None) -> tuple[str | None, str | None]:
    """Return the set-up code, if one is needed, and what is wrong with the registry or the log."""
    from controller.commands.init import set_up_code
    from controller.services import demo as samples

    code = None
    try:
        with open_site_to_write(config.data) as site:
            if demo:
                samples.fill(site, site.now(), language or samples.language_of(os.environ))
                samples.publish_rules(site, site.now())
            code = set_up_code(site)
        _read_log(config.data / "journal" / "journal.db")
    except GenkanError as error:
        return code, str(error)
    except OSError as error:
        return code, f"{error.filename or config.data}: {error.strerror}; check disk and permissions."
    return code, None


def _read_log(file: Path) -> None:
    """Raise a GenkanError for a log that is damaged or newer. Accept what a killed door left."""
    from controller.journal.query import JournalReader

    if file.is_file():
        with contextlib.suppress(AwaitingRecovery), JournalReader(file) as journal:
            journal.newest_seq()
    elif os.path.lexists(file):
        raise InstallerError(f"{file} is not a file; put the right file there.")


def _refuse_used_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fail(f"Port {port} is in use by another program; give another with --port.")
            fail(f"Port {port} cannot be used ({error.strerror}); give another with --port.")


def _pages_work(config: Config, port: int) -> bool:
    """Return whether the registrar listens and the page answers."""
    from controller.services.requests.socket_link import SocketLink
    from controller.services.requests.sockets import web_socket

    if not SocketLink(web_socket(config.data)).is_answered():
        return False
    if config.web.tls:
        try:
            socket.create_connection((config.web.host, port), 0.5).close()
        except OSError:
            return False
        return True
    try:
        page = http.client.HTTPConnection(config.web.host, port, timeout=1)
        page.request("GET", "/healthz")
        return page.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


class _DoorServes:
    """Whether the door that starts now serves people: it takes its lock first, and writes its state once all
    its threads run. A disk that takes no write must not hold that up for long.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._until = time.monotonic() + _STATE_WITHIN_S
        self._before = self._written()

    def __call__(self) -> bool:
        if not is_door_alive(self._folder):
            return False
        return self._written() != self._before or time.monotonic() > self._until

    def _written(self) -> int | None:
        try:
            return (self._folder / "state.json").stat().st_mtime_ns
        except OSError:
            return None


def _announce(config: Config, port: int, code: str | None, log_key: str | None) -> None:
    host = f"[{config.web.host}]" if ":" in config.web.host else config.web.host
    click.echo(f"Page:        {'https' if config.web.tls else 'http'}://{host}:{port}/")
    if code is not None:
        click.echo(f"Set-up code: {code}")
    if log_key is not None:
        click.echo(f"Log key:     {log_key}")
    if config.site.demo:
        reader = next(iter(config.readers))
        data = shlex.quote(str(config.data))
        click.echo(f"Try a tap:   {_program()} tap --data {data} --reader {reader} --idm {SAMPLE_IDM}")


def _program() -> str:
    """Return the program as it was typed, so that the user can type it too: `make run` sets no PATH."""
    typed = Path(sys.argv[0])
    return shlex.quote(str(typed)) if typed.name == "genkan" else "genkan"
