"""The issuing station in tests, without a card and without its passphrase."""

import os
from pathlib import Path

from controller.issuing import door_key
from controller.issuing.chips import NTAG_424
from controller.issuing.issue_file import IssuedKey
from controller.issuing.signing import StationKey
from controller.issuing.station import Station
from controller.issuing.wrapping import DoorPublicKey, wrap
from controller.model.credentials import CardNumber
from controller.registry import issuing_station
from controller.services.site import Site
from tests.controller.unrecorded import unrecorded

STATION = Station(Path("/nowhere"), bytes(range(16)), {1: os.urandom(16), 2: os.urandom(16)})


def public_key(site: Site) -> DoorPublicKey:
    return door_key.load_public(site.config.data / "keys")


def issued(
    site: Site,
    number: str,
    version: int = 1,
    door: DoorPublicKey | None = None,
    bought: int | None = 2024,
    by: StationKey | None = None,
) -> IssuedKey:
    """A line of the station's file for the card of this number."""
    card, door = CardNumber.parse(number), door or public_key(site)
    key = STATION.card_key(bytes.fromhex(card.hex), version)
    line = IssuedKey(card, version, "00f1", bought, door.id, wrap(door, card, version, key))
    return line.signed(by or STATION.key)


def trust(site: Site) -> None:
    """As after the first import."""
    with unrecorded(site.registry) as db:
        issuing_station.trust(db, STATION.key.public, site.now().utc)


def file_of(*lines: IssuedKey) -> bytes:
    return b"".join(one.line + b"\n" for one in lines)


def sun_issued(site: Site, uid: str, version: int = 1) -> IssuedKey:
    """A line for the NTAG 424 DNA with this UID."""
    card, door = CardNumber.parse(uid), public_key(site)
    wrapped = wrap(door, card, version, STATION.sun_key(bytes.fromhex(uid), version))
    return IssuedKey(card, version, NTAG_424, None, door.id, wrapped).signed(STATION.key)
