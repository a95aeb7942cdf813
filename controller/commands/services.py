"""`genkan door`, `genkan registrar` and `genkan web`: the services, each in its own process."""

from pathlib import Path

import click

from controller.commands.options import config_option
from controller.commands.program import Program


@click.command()
@config_option
@click.pass_obj
def door(program: Program, file: Path) -> None:
    """Run the door service."""
    from controller.assembly import run_door
    from controller.config import load_or_last_good

    raise SystemExit(run_door(*load_or_last_good(file), program.limits))


@click.command()
@config_option
def registrar(file: Path) -> None:
    """Run the registrar service, which carries out what operators request."""
    from controller.config import load_or_last_good
    from controller.registrar.service import run_registrar
    from controller.runtime.clock import Clock

    config, problem = load_or_last_good(file)
    if problem is not None:
        click.echo(f"genkan: using the last valid configuration: {problem}", err=True)
    raise SystemExit(run_registrar(config, Clock().now))


@click.command()
@config_option
@click.option("--port", type=click.IntRange(1, 65535), help="The port, instead of the one in genkan.toml.")
def web(file: Path, port: int | None) -> None:
    """Run the web service."""
    from dataclasses import replace

    from controller.config import load_or_last_good
    from controller.runtime.clock import Clock
    from controller.services.requests.socket_link import SocketLink
    from controller.services.requests.sockets import web_socket

    config, problem = load_or_last_good(file)
    from web.serve import serve  # one second of imports, after the configuration is known to be valid

    if problem is not None:
        click.echo(f"genkan: using the last valid configuration: {problem}", err=True)
    if port is not None:
        config = replace(config, web=replace(config.web, port=port))
    serve(config, Clock().now, SocketLink(web_socket(config.data)))
