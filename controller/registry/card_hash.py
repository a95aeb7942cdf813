"""Keyed hashes of card numbers: without the key, nobody can make cards from a stolen registry."""

import hmac
import os
from pathlib import Path

from controller.errors import InstallerError
from controller.model.credentials import CardNumber

_SIZE = 32


def key_file(keys_folder: Path) -> Path:
    return keys_folder / "shared" / "card_number.key"


def make_key(keys_folder: Path) -> None:
    """Create the key unless it exists. Never replace it: every stored hash depends on it."""
    file = key_file(keys_folder)
    if file.exists():
        return
    part = file.with_suffix(".part")  # after a power cut the key file is complete or absent
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_bytes(os.urandom(_SIZE))
    part.chmod(0o640)
    part.rename(file)


def is_key_missing(keys_folder: Path) -> bool:
    """Also for a user who may not read the key; False where nobody can tell."""
    try:
        key_file(keys_folder).lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def load_key(keys_folder: Path) -> bytes:
    """Read the key; `keys_folder` is DATA/keys. Raises InstallerError."""
    file = key_file(keys_folder)
    try:
        # Not a pipe that nobody writes to: O_NONBLOCK, so that no thread of the door waits for it.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            key, size = os.read(descriptor, _SIZE + 1), os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InstallerError(
            f"{file} cannot be read ({error.strerror}); restore it from a backup, or run `genkan init` for a "
            "new data folder."
        ) from error
    if len(key) != _SIZE:
        raise InstallerError(f"{file} holds {size} bytes instead of {_SIZE}; restore it from a backup.")
    return key


def card_hash(key: bytes, number: CardNumber) -> bytes:
    """HMAC-SHA256 of kind ‖ bytes, the same for a tap, an import and an unknown card."""
    return hmac.digest(key, number.hash_input(), "sha256")  # the name selects OpenSSL's one-call HMAC
