"""`genkan sim`: the world around the virtual door (contact, buttons, cables) and what its pins did."""

import json
from pathlib import Path

import click

from controller.commands.options import data_option, fail, load_config
from controller.config import Config


def _demo(data: Path) -> tuple[Config, Path]:
    config = load_config(data)
    if not config.site.demo:
        fail(f"{data} is set up for real hardware; `genkan sim` is for a demo folder only.")
    return config, config.data / "simulator"


def _ask(data: Path, do: str) -> None:
    from firmware_bridge.simulator.door import request

    _, folder = _demo(data)
    try:
        request(folder, do)
    except FileNotFoundError:
        fail(f"The virtual door of {data} is not running; start it with `genkan run --demo --data {data}`.")
    except (OSError, ValueError) as error:
        fail(f"The virtual door of {data} did not do it: {error}.")


@click.group()
def sim() -> None:
    """The virtual door (demo)."""


@sim.command("open")
@data_option
def open_(data: Path) -> None:
    """Open the door leaf."""
    _ask(data, "open")


@sim.command()
@data_option
def close(data: Path) -> None:
    """Close the door leaf."""
    _ask(data, "close")


@sim.command()
@data_option
def rex(data: Path) -> None:
    """Press the request-to-exit button once."""
    _ask(data, "rex")


@sim.command()
@data_option
@click.argument("state", type=click.Choice(["on", "off"]))
def fire(data: Path, state: str) -> None:
    """Switch the fire input on or off."""
    _ask(data, f"fire {state}")


def _reader_folder(data: Path, reader: str) -> Path:
    config, folder = _demo(data)
    if reader not in config.readers:
        fail(f"There is no reader {reader!r} in {config.file}; there are: {', '.join(config.readers)}.")
    return folder


@sim.command()
@data_option
@click.argument("reader")
def unplug(data: Path, reader: str) -> None:
    """Pull the reader's cable."""
    from firmware_bridge.simulator import cable

    cable.unplug(_reader_folder(data, reader), reader)


@sim.command()
@data_option
@click.argument("reader")
def plug(data: Path, reader: str) -> None:
    """Put the reader's cable back."""
    from firmware_bridge.simulator import cable

    cable.plug(_reader_folder(data, reader), reader)


@sim.command()
@data_option
def trace(data: Path) -> None:
    """Print every pin change so far, a JSON object on a line, with monotonic milliseconds."""
    from firmware_bridge.simulator import trace as pins

    _, folder = _demo(data)
    for line in pins.read(folder / "trace.jsonl"):
        click.echo(json.dumps(line))
