"""One card from the reader to a line of the output file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.errors import DeviceOffline, InstallerError
from controller.issuing.byte_order import as_utf8
from controller.issuing.issue_file import IssuedKey, append
from controller.issuing.read_at_most import read_at_most
from controller.issuing.station import Station
from controller.issuing.wrapping import DoorPublicKey, wrap
from controller.issuing.write_card import CardLeft, CardState, finish, prepare, read_state
from firmware_bridge.nfc.lite_s import LiteSCard, sense

_LARGEST_PUBLIC = 4096
_POLL_SECONDS = 0.1
_FIELD_SECONDS = 1.0


def read_door_key(file: Path) -> DoorPublicKey:
    """Raises InstallerError."""
    try:
        return DoorPublicKey.parse(as_utf8(read_at_most(file, _LARGEST_PUBLIC)).decode("ascii"))
    except OSError as error:
        raise InstallerError(f"{file} cannot be read ({error.strerror}); give another --for.") from error
    except ValueError as error:
        raise InstallerError(
            f"{file} is no door's public key; get it on the door with `genkan issue public-key`, or from the "
            'page "What badges prove".'
        ) from error


def wait_for_card(
    device: Any,
    seconds: float,
    done: frozenset[bytes] = frozenset(),
    monotonic: Callable[[], float] = time.monotonic,
) -> LiteSCard | None:
    """The card that is on the reader, if its IDm is not in `done`; None when none came within `seconds`.

    Raises DeviceOffline.
    """
    until = monotonic() + seconds
    while True:
        try:
            card = sense(device)
        except OSError as error:
            raise DeviceOffline(f"The reader is lost ({error.strerror}); plug it in again.") from error
        if card is not None and card.idm not in done:
            return card
        if monotonic() >= until:
            return None
        time.sleep(_POLL_SECONDS)


def issue(
    device: Any, card: LiteSCard, station: Station, door: DoorPublicKey, bought: int | None, out: Path
) -> tuple[CardState, CardState, bool]:
    """Of the card on `device`: how it was and is, and whether a line cut short was taken out of `out`.

    The line is durable before the card says that it is done: killed at any step, the same call writes it,
    from master, number and version alone. Raises what `prepare`, `append` and `finish` raise, and OSError
    when the reader is lost.
    """
    before, version = read_state(card, station), station.newest
    prepared = prepare(card, station, version)
    if not before.locked:
        card = _sense_again(device, card)
        prepared = prepare(card, station, version)
    number, key = prepared.number, station.card_key(card.idm, version)
    wrapped = wrap(door, number, version, key)
    line = IssuedKey(number, version, prepared.chip, bought, door.id, wrapped).signed(station.key)
    mended = append(out, line)
    return before, finish(card, station, prepared), mended


def _sense_again(device: Any, card: LiteSCard) -> LiteSCard:
    """A new memory configuration holds from the next time the card is in a field: it proves itself anew."""
    device.mute()
    again = wait_for_card(device, _FIELD_SECONDS)
    if again is None or again.idm != card.idm:
        raise CardLeft("The card left the reader before it was done; put it back and run this again.")
    return again
