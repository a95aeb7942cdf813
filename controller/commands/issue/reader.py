"""The station's reader: one that nfcpy drives, or a virtual card in a file for training."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from controller.errors import DeviceUnavailable, InstallerError

HELP = (
    "The reader, as in genkan.toml: usb, usb:BUS:DEVICE, tty:USB0:pn532; or card:FILE, a virtual card (demo)."
)
_VIRTUAL = "card:"
_SIMULATED = ("udp:", _VIRTUAL)
_KINDS = ("usb", "tty:", *_SIMULATED)
_LONG = 86_400.0


@contextlib.contextmanager
def reader_at(path: str, demo: bool = False) -> Iterator[Any]:
    """Yield an nfcpy device. Only a station created with `demo` accepts simulated cards.

    Raises DeviceUnavailable, InstallerError for a card file, UsageError for another path.
    """
    if path.startswith(("pcsc:", "osdp:")):
        raise click.UsageError(
            f"A reader at {path} reads card numbers only; use a reader at usb or tty, such as an RC-S380."
        )
    if not path.startswith(_KINDS):
        raise click.UsageError(
            f"--reader {path} is not a reader; give usb, usb:BUS:DEVICE, tty:USB0:pn532 or card:FILE."
        )
    if path.startswith(_SIMULATED) and not demo:
        raise InstallerError(
            f"--reader {path} is a simulated card, and this is not a demo station; create one to try it with "
            "`genkan issue init --demo`."
        )
    with contextlib.ExitStack() as held:
        if path.startswith(_VIRTUAL):
            path = held.enter_context(_virtual_card(Path(path.removeprefix(_VIRTUAL))))
        device = _open(path)
        held.callback(device.close)
        try:
            yield device
        except BrokenPipeError:  # stdout is closed, as by `head`; no card reader raises this
            raise
        except OSError as error:
            raise DeviceUnavailable(
                f"The reader at {path} is lost ({error.strerror}); plug it in again."
            ) from error


def _open(path: str) -> Any:
    from firmware_bridge.nfc.card_poll import problem_of
    from firmware_bridge.nfc.device import open_device, silence_nfcpy
    from web.words.reader_problem_words import problem_text
    from web.words.words import Words

    silence_nfcpy()  # it would write keys into a log
    try:
        return open_device(path)
    except OSError as error:
        problem = problem_of(error).at(path)
        raise DeviceUnavailable(problem_text(Words("en"), problem.code, problem.fields)) from error
    except Exception as error:  # nfcpy raises many kinds of error for an unexpected device
        raise DeviceUnavailable(f"No reader answers at {path}; plug it in, or correct the path.") from error


@contextlib.contextmanager
def _virtual_card(file: Path) -> Iterator[str]:
    """Yield the path of a reader that holds the card of `file` until the block ends."""
    from firmware_bridge.simulator.card import VirtualCard
    from firmware_bridge.simulator.card_file import card_of

    try:
        face = card_of(file)
    except ValueError as error:
        raise InstallerError(str(error)) from error
    except OSError as error:
        raise InstallerError(
            f"The card {file} cannot be used ({error.strerror}); `genkan tap --card` creates one."
        ) from error
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    card = VirtualCard(address, face, away_seconds=0.0)
    held = threading.Thread(target=card.present, args=(_LONG, _LONG), daemon=True)
    held.start()
    try:
        yield f"udp:{address[0]}:{address[1]}"
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while held.is_alive():  # a card that has not entered the field yet receives neither message
                card.leave()
                sender.sendto(b"RFOFF", address)
                held.join(0.1)
