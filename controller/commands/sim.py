"""`genkan sim`: drive the virtual door's contact, buttons and cables, and print its pin changes."""

import json
from pathlib import Path

import click

from controller.commands.options import data_option, fail, load_config
from controller.config import Config

_OF_A_DOOR = ("open", "close", "rex", "rex on", "rex off")
_DOOR = (*_OF_A_DOOR, "fire on", "fire off")
_CABLE = ("unplug", "plug", "tamper", "untamper")
_LINE_OWN = "auto"  # use the speed of the line


@click.command(
    help="Move a virtual door (demo): DOOR open, DOOR close, DOOR rex, DOOR rex on, DOOR rex off (press "
    "and hold the button, and release it), where a site with one door needs no DOOR; fire on, fire off, "
    "unplug READER, plug READER, "
    "tamper READER, untamper READER (open an OSDP reader's case, and close it), "
    "speed READER BAUD, speed READER auto (set a reader on a serial line to another speed than the line's, "
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
            f"{what!r} is not a command for a virtual door; give one of DOOR "
            "open, close, rex, rex on, rex off, fire on, fire off, unplug READER, plug READER, "
            "tamper READER, untamper READER, speed READER BAUD, trace."
        )
    config = load_config(data)
    if not config.site.demo:
        fail(f"{data} is set up for real hardware; `genkan sim` is only for a demo folder.")
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
            f"Name the door, as in `genkan sim {next(iter(config.doors))} {what}`; "
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
        fail(f"{reader} is not an OSDP reader ({config.readers[reader].path}) and cannot report tampering.")
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
        raise click.UsageError(f"{baud!r} is not a speed; give a number of baud, or {_LINE_OWN}.")
    try:
        cable.set_speed(folder, reader, None if baud == _LINE_OWN else int(baud))
    except ValueError as error:
        fail(str(error))


def _refuse_unknown(config: Config, folder: Path, reader: str) -> None:
    if reader not in config.readers:
        fail(f"There is no reader {reader!r} in {config.file}; there are: {', '.join(config.readers)}.")
    if not folder.is_dir():
        fail(f"{folder.parent} has not run yet; start it with `genkan run --data {folder.parent}`.")


def _trace(folder: Path) -> None:
    from firmware_bridge.simulator import trace as pins

    for change in pins.read(folder / "trace.jsonl"):
        click.echo(json.dumps(change))
