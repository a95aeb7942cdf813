"""The door's own pair: the private half in keys/door for its user alone, the public one in keys/shared.

Nothing of it is in a backup: on another box `make` gives another pair, and the keys of the badges are issued
for that one.
"""

import os
from pathlib import Path

from controller.errors import InstallerError, TechnicianError
from controller.issuing.durable import replace_file
from controller.issuing.wrapping import DoorPrivateKey, DoorPublicKey

_SIZE = 32


class NoDoorKey(TechnicianError):
    """The private half is not there, or is none; no key of a badge can be used at this door."""


def private_file(keys: Path) -> Path:
    """`keys` is DATA/keys."""
    return keys / "door" / "card_keys.private"


def public_file(keys: Path) -> Path:
    return keys / "shared" / "card_keys.pub"


def make(keys: Path) -> DoorPublicKey:
    """The pair, made where there is none. Raises OSError, and NoDoorKey where the half that is there is none.

    Private first: a kill in between is mended by the next call. Whoever owns the folder owns the file.
    """
    if not private_file(keys).exists():
        replace_file(private_file(keys), os.urandom(_SIZE), 0o600)
    public = load_private(keys).public
    if _read_public(keys) != public:
        replace_file(public_file(keys), f"{public.text}\n".encode(), 0o640)
    return public


def load_private(keys: Path) -> DoorPrivateKey:
    """For the door's user alone. Raises NoDoorKey."""
    file = private_file(keys)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise NoDoorKey(
            f"{file} cannot be read ({error.strerror}), so badges count by their number only; correct its "
            "owner, or make a new pair with `genkan issue public-key` and issue the badges' keys anew."
        ) from error
    if len(raw) != _SIZE:
        raise NoDoorKey(
            f"{file} holds {len(raw)} bytes instead of {_SIZE}, so badges count by their number only; remove "
            "it, make a new pair with `genkan issue public-key` and issue the badges' keys anew."
        )
    return DoorPrivateKey(raw)


def load_public(keys: Path) -> DoorPublicKey:
    """For everybody. Raises InstallerError."""
    found = _read_public(keys)
    if found is None:
        raise InstallerError(
            f"{public_file(keys)} is not there or damaged; run `genkan issue public-key` as root on the "
            "door's machine."
        )
    return found


def _read_public(keys: Path) -> DoorPublicKey | None:
    try:
        return DoorPublicKey.parse(public_file(keys).read_text("ascii"))
    except (OSError, ValueError):
        return None
