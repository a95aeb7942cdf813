"""The door's key pair: the private half in keys/door for the door's user, the public half in keys/shared.

A backup does not contain it: on another machine `make` creates another pair, and the station must issue the
badges' keys for that pair.
"""

import os
from pathlib import Path

from controller.durable import replace_file
from controller.errors import InstallerError, TechnicianError
from controller.issuing.wrapping import DoorPrivateKey, DoorPublicKey

_SIZE = 32


class NoDoorKey(TechnicianError):
    """The private half is missing or invalid, so this door can use no badge's key."""


def private_file(keys: Path) -> Path:
    """`keys` is DATA/keys."""
    return keys / "door" / "card_keys.private"


def public_file(keys: Path) -> Path:
    return keys / "shared" / "card_keys.pub"


def make(keys: Path) -> DoorPublicKey:
    """Create the pair if missing; return its public half. Raise OSError, or NoDoorKey for an invalid file.

    Writes the private half first: after a kill in between, the next call completes the pair. The files get
    the owner of their folder.
    """
    if not private_file(keys).exists():
        replace_file(private_file(keys), os.urandom(_SIZE), 0o600)
    public = load_private(keys).public
    if _read_public(keys) != public:
        replace_file(public_file(keys), f"{public.text}\n".encode(), 0o640)
    return public


def complete(keys: Path) -> None:
    """At the start: create what a folder of an earlier Genkan lacks. Raise OSError or NoDoorKey.

    Where each service has its own user, only root writes keys/shared: `genkan init` creates the public half.
    A pair whose private half alone is gone stays as it is: another pair would open no badge's key.
    """
    if private_file(keys).exists() or not public_file(keys).exists():
        make(keys)


def load_private(keys: Path) -> DoorPrivateKey:
    """Only the door's user can read it. Raise NoDoorKey."""
    file = private_file(keys)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise NoDoorKey(
            f"{file} cannot be read ({error.strerror}), so badges count by their number only; correct its "
            "owner, or create a new pair with `genkan issue public-key` and issue the badges' keys again."
        ) from error
    if len(raw) != _SIZE:
        raise NoDoorKey(
            f"{file} holds {len(raw)} bytes instead of {_SIZE}, so badges count by their number only; remove "
            "it, create a new pair with `genkan issue public-key` and issue the badges' keys again."
        )
    return DoorPrivateKey(raw)


def load_public(keys: Path) -> DoorPublicKey:
    """Raise InstallerError if it is missing or damaged."""
    found = _read_public(keys)
    if found is None:
        raise InstallerError(
            f"{public_file(keys)} is missing or damaged; run `genkan issue public-key` as root on the "
            "door's machine."
        )
    return found


def _read_public(keys: Path) -> DoorPublicKey | None:
    try:
        return DoorPublicKey.parse(public_file(keys).read_text("ascii"))
    except (OSError, ValueError):
        return None
