"""The issuing station's folder: the master keys, encrypted with a passphrase. Never copy it to a door.

`masters.age` is the only file: JSON of the system identifier (random, 16 bytes), the master keys by version,
the seed of the key that signs the output file, and whether the station accepts simulated cards. age's scrypt
protects them in a stolen folder.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from controller.durable import replace_file, sync_folder
from controller.errors import InstallerError
from controller.issuing import age_passphrase
from controller.issuing.derivation import diversify, early_seed
from controller.issuing.signing import SEED_BYTES, StationKey, station_id
from controller.model.card_keys import KEY_BYTES, MOST_VERSION, weakness

FILE = "masters.age"
SHORTEST_PASSPHRASE = 12
_SYSTEM_BYTES = 16
_NDEF_APPLICATION = bytes.fromhex("D2760000850101")  # AN10922's application identifier: the card's DF name …
_SUN_KEY = b"\x02"  # … and the number of the key
_LARGEST = 1 << 20
Encrypt = Callable[[bytes, str], bytes]  # content and passphrase to an age file
_TOO_MUCH = "xcessive work"  # age refuses a passphrase from a machine sixteen times faster; we take the time


@dataclass(frozen=True)
class Station:
    folder: Path
    system: bytes
    masters: Mapping[int, bytes] = field(repr=False)
    signing: bytes = field(repr=False, default_factory=lambda: os.urandom(SEED_BYTES))
    demo: bool = False

    @property
    def key(self) -> StationKey:
        """The key that signs the lines of the output file."""
        return StationKey(self.signing)

    @property
    def id(self) -> str:
        return station_id(self.key.public)

    @property
    def newest(self) -> int:
        return max(self.masters)

    @property
    def versions(self) -> tuple[int, ...]:
        """Newest first."""
        return tuple(sorted(self.masters, reverse=True))

    def card_key(self, idm: bytes, version: int) -> bytes:
        """The key of the FeliCa card with this IDm under the master of `version`, one of `versions`."""
        return self._key(idm, version)

    def sun_key(self, number: bytes, version: int) -> bytes:
        """The key for SUN messages of the NTAG 424 DNA with this UID, seven bytes."""
        return self._key(number + _NDEF_APPLICATION + _SUN_KEY, version)

    def _key(self, number: bytes, version: int) -> bytes:
        key = diversify(self.masters[version], number, self.system)
        if (weak := weakness(key)) is not None:
            raise InstallerError(f"The key for this card {weak}; use another card.")
        return key


def encrypt(content: bytes, passphrase: str) -> bytes:
    """Encrypt with the scrypt cost that age measures for about one second on this machine."""
    return bytes(pyrage.passphrase.encrypt(content, passphrase))


def create_station(
    folder: Path, passphrase: str, first_version: int = 1, demo: bool = False, *, encrypt: Encrypt = encrypt
) -> Station:
    """Create a station with one master key. Refuse a folder that is not empty.

    Tests pass a cheaper `encrypt`.
    """
    refuse_short(passphrase)
    if not 1 <= first_version <= MOST_VERSION:
        raise InstallerError(f"The first version must be from 1 to {MOST_VERSION}.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InstallerError(f"{folder} is not empty; give --station a new folder.")
        folder.chmod(0o700)
        station = Station(folder, os.urandom(_SYSTEM_BYTES), {first_version: _new_master()}, demo=demo)
        _write(station, passphrase, encrypt)
        sync_folder(folder.parent)
    except OSError as error:
        raise _unusable(error, folder) from error
    return station


def open_station(folder: Path, passphrase: str) -> Station:
    file = folder / FILE
    try:
        with file.open("rb") as source:
            content = source.read(_LARGEST)
    except FileNotFoundError as error:
        raise InstallerError(
            f"{folder} is not an issuing station; create one with `genkan issue init --station {folder}`."
        ) from error
    except OSError as error:
        raise _unusable(error, file) from error
    try:
        values = json.loads(_decrypted(content, passphrase))
        masters = {int(version): bytes.fromhex(key) for version, key in values["masters"].items()}
        system = bytes.fromhex(values["system"])
        seed = bytes.fromhex(values["signing"]) if "signing" in values else early_seed(system, masters)
        station = Station(
            folder=folder, system=system, masters=masters, signing=seed, demo=values.get("demo") is True
        )
        sound = len(station.system) == _SYSTEM_BYTES and masters and not any(map(weakness, masters.values()))
        sound = sound and len(station.signing) == SEED_BYTES
    except (ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise InstallerError(f"{file} opens but is not a list of master keys; restore the station's backup.")
    return station


def rotate(station: Station, passphrase: str, *, encrypt: Encrypt = encrypt) -> Station:
    """Return the station with one more master key, durably stored. Keep earlier keys: cards still use them.

    Also replace the signing key: anyone who knew the passphrase may have the old one.
    """
    if station.newest >= MOST_VERSION:
        raise InstallerError("No further version fits on a card; create a new station.")
    masters = {**station.masters, station.newest + 1: _new_master()}
    rotated = Station(station.folder, station.system, masters, demo=station.demo)
    try:
        _write(rotated, passphrase, encrypt)
    except OSError as error:
        raise _unusable(error, station.folder) from error
    return rotated


def refuse_short(passphrase: str) -> None:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InstallerError(
            f"The passphrase has {len(passphrase)} characters; use at least {SHORTEST_PASSPHRASE}."
        )


def _new_master() -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    while weakness(key):
        key = secrets.token_bytes(KEY_BYTES)
    return key


def _write(station: Station, passphrase: str, encrypt: Encrypt) -> None:
    values = {
        "system": station.system.hex(),
        "signing": station.signing.hex(),
        "demo": station.demo,
        "masters": {str(version): key.hex() for version, key in station.masters.items()},
    }
    replace_file(station.folder / FILE, encrypt(json.dumps(values).encode("ascii"), passphrase), 0o600)


def _decrypted(content: bytes, passphrase: str) -> bytes:
    try:
        try:
            return bytes(pyrage.passphrase.decrypt(content, passphrase))
        except (pyrage.DecryptError, OSError) as error:
            if _TOO_MUCH not in str(error):
                raise
            return age_passphrase.decrypt(content, passphrase)
    except (pyrage.DecryptError, OSError, age_passphrase.CannotOpen) as error:
        raise InstallerError(
            f"The station does not open ({error}): the passphrase is wrong or {FILE} is damaged."
        ) from error


def _unusable(error: OSError, path: Path) -> InstallerError:
    return InstallerError(
        f"{error.filename or path} cannot be used ({error.strerror}); check the folder, its disk and owner."
    )
