"""Issue one card: from the reader to a line of the output file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.errors import DeviceUnavailable, InstallerError
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
    """Raise InstallerError if the file is unreadable or not a door's public key."""
    try:
        return DoorPublicKey.parse(as_utf8(read_at_most(file, _LARGEST_PUBLIC)).decode("ascii"))
    except OSError as error:
        raise InstallerError(f"{file} cannot be read ({error.strerror}); give another --for.") from error
    except ValueError as error:
        raise InstallerError(
            f"{file} is not a door's public key; get it on the door with `genkan issue public-key`, or "
            'from the page "Copy protection of badges".'
        ) from error


def wait_for_card(
    device: Any,
    seconds: float,
    done: frozenset[bytes] = frozenset(),
    monotonic: Callable[[], float] = time.monotonic,
) -> LiteSCard | None:
    """Return the card on the reader whose IDm is not in `done`, or None if none comes within `seconds`.

    Raise DeviceUnavailable if the reader disconnects.
    """
    until = monotonic() + seconds
    while True:
        try:
            card = sense(device)
        except OSError as error:
            raise DeviceUnavailable(f"The reader is lost ({error.strerror}); plug it in again.") from error
        if card is not None and card.idm not in done:
            return card
        if monotonic() >= until:
            return None
        time.sleep(_POLL_SECONDS)


def issue(
    device: Any, card: LiteSCard, station: Station, door: DoorPublicKey, bought: int | None, out: Path
) -> tuple[CardState, CardState, bool]:
    """Issue the card. Return its state before and after, and whether `out` lost an incomplete line.

    The line is durable before the card reports that it is complete. After a kill at any step, the same call
    writes the same line again, from master key, number and version. Raise what `prepare`, `append` and
    `finish` raise, and OSError if the reader disconnects.
    """
    before, version = read_state(card, station), station.newest
    prepared = prepare(card, station, version)
    if not before.locked:
        card = _sense_again(device, card)
        prepared = prepare(card, station, version)
    number, key = prepared.number, station.card_key(card.idm, version)
    wrapped = wrap(door, number, version, key)
    line = IssuedKey(
        number=number, version=version, chip=prepared.chip, bought=bought, door=door.id, wrapped=wrapped
    ).signed(station.key)
    mended = append(out, line)
    return before, finish(card, station, prepared), mended


def _sense_again(device: Any, card: LiteSCard) -> LiteSCard:
    """Switch the field off and on: only then does a new memory configuration take effect."""
    device.mute()
    again = wait_for_card(device, _FIELD_SECONDS)
    if again is None or again.idm != card.idm:
        raise CardLeft("The card left the reader before it was done; put it back and run this again.")
    return again
