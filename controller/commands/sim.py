"""`genkan sim`: the world around the virtual door (contact, buttons, cables) and what its pins did."""

import json
from pathlib import Path

import click

from controller.commands.options import data_option, fail, load_config
from controller.config import Config

_OF_A_DOOR = ("open", "close", "rex", "rex on", "rex off")
_DOOR = (*_OF_A_DOOR, "fire on", "fire off")
_CABLE = ("unplug", "plug", "tamper", "untamper")
_LINE_OWN = "auto"  # the speed of its line


@click.command(
    help="Move a virtual door (demo): DOOR open, DOOR close, DOOR rex, DOOR rex on, DOOR rex off (the button "
    "is held, and let go), where DOOR may be left out at a site with one door; fire on, fire off, "
    "unplug READER, plug READER, "
    "tamper READER, untamper READER (an OSDP reader is opened, and closed again), "
    "speed READER BAUD, speed READER auto (a reader on a serial line is set to another speed than its line, "
    "and back); "
    "trace prints every pin change so far, a JSON object on a line, with monotonic milliseconds."
)
@data_option
@click.argument("words", nargs=-1, required=True, metavar="WHAT")
def sim(data: Path, words: tuple[str, ...]) -> None:
    what = " ".join(words)
    verb, readers = words[0], words[1:]
    is_speed = verb == "speed" and len(readers) == 2
    door = verb if what not in _DOOR and " ".join(readers) in _OF_A_DOOR else ""
    is_command = door or what in (*_DOOR, "trace")
    if not is_command and not (verb in _CABLE and len(readers) == 1) and not is_speed:
        raise click.UsageError(
            f"{what!r} is not something a virtual door does; say one of DOOR "
            "open, close, rex, rex on, rex off, fire on, fire off, unplug READER, plug READER, "
            "tamper READER, untamper READER, speed READER BAUD, trace."
        )
    config = load_config(data)
    if not config.site.demo:
        fail(f"{data} is set up for real hardware; `genkan sim` is for a demo folder only.")
    folder = config.data / "simulator"
    if what == "trace":
        _trace(folder)
    elif verb in _CABLE:
        _cable(config, folder, verb, readers[0])
    elif is_speed:
        _speed(config, folder, *readers)
    elif door:
        _request(folder, " ".join(readers), _existing_door(config, door))
    else:
        _refuse_any_of_several(config, what)
        _request(folder, what)


def _existing_door(config: Config, door: str) -> str:
    if door not in config.doors:
        fail(f"There is no door {door!r} in {config.file}; there are: {', '.join(config.doors)}.")
    return door


def _refuse_any_of_several(config: Config, what: str) -> None:
    if what in _OF_A_DOOR and len(config.doors) > 1:
        raise click.UsageError(
            f"Say which door, as in `genkan sim {next(iter(config.doors))} {what}`; "
            f"there are: {', '.join(config.doors)}."
        )


def _request(folder: Path, what: str, door: str = "") -> None:
    from firmware_bridge.simulator.door import request

    try:
        request(folder, what, door)
    except (OSError, ValueError) as error:
        fail(str(error))


def _cable(config: Config, folder: Path, verb: str, reader: str) -> None:
    from firmware_bridge.simulator import cable

    _refuse_unknown(config, folder, reader)
    if verb.endswith("tamper") and not config.readers[reader].path.startswith("osdp:"):
        fail(f"{reader} is no OSDP reader ({config.readers[reader].path}) and cannot tell of tampering.")
    match verb:
        case "unplug":
            cable.unplug(folder, reader)
        case "plug":
            cable.plug(folder, reader)
        case "tamper":
            cable.tamper_flag(folder, reader).touch()
        case _:
            cable.tamper_flag(folder, reader).unlink(missing_ok=True)


def _speed(config: Config, folder: Path, reader: str, baud: str) -> None:
    from firmware_bridge.simulator import cable

    _refuse_unknown(config, folder, reader)
    if not config.readers[reader].path.startswith(("osdp:pty:", "tty:pty:")):
        fail(f"{reader} is not on a virtual serial line ({config.readers[reader].path}) and has no speed.")
    if baud != _LINE_OWN and not (baud.isascii() and baud.isdecimal()):
        raise click.UsageError(f"{baud!r} is no speed; give a number of baud, or {_LINE_OWN}.")
    try:
        cable.set_speed(folder, reader, None if baud == _LINE_OWN else int(baud))
    except ValueError as error:
        fail(str(error))


def _refuse_unknown(config: Config, folder: Path, reader: str) -> None:
    if reader not in config.readers:
        fail(f"There is no reader {reader!r} in {config.file}; there are: {', '.join(config.readers)}.")
    if not folder.is_dir():
        fail(f"{folder.parent} has not run yet; start it with `genkan run --demo --data {folder.parent}`.")


def _trace(folder: Path) -> None:
    from firmware_bridge.simulator import trace as pins

    for change in pins.read(folder / "trace.jsonl"):
        click.echo(json.dumps(change))
