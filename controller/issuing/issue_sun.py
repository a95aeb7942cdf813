"""Keys of NTAG 424 DNA cards that another tool personalises: a line for the door, a line for that tool.

Genkan does not write these cards itself. The tool sets the key as SDMFileRead key, and as SDMMetaRead key
where UID and counter are mirrored encrypted; see deploy/issuing.md.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from controller.durable import sync_folder
from controller.errors import InstallerError
from controller.issuing.chips import NTAG_424
from controller.issuing.issue_file import IssuedKey, append
from controller.issuing.station import Station
from controller.issuing.wrapping import DoorPublicKey, wrap
from controller.model.credentials import CardNumber, CredentialKind

_DIGITS = 14


def number_of(text: str) -> CardNumber:
    """Raise InstallerError if the text is not a UID of such a card."""
    try:
        number = CardNumber.parse(text, CredentialKind.TYPE_A)
    except ValueError:
        number = None
    if number is None or len(number.hex) != _DIGITS:
        raise InstallerError(f"{text[:40]!r} is not a UID of an NTAG 424 DNA; give 14 hexadecimal digits.")
    return number


def issue_sun(
    station: Station,
    door: DoorPublicKey,
    cards: Sequence[CardNumber],
    out: Path,
    keys: Path,
    bought: int | None = None,
) -> bool:
    """Write both files durably. After a kill, repeat the call with another `keys`.

    `keys` holds the unencrypted keys: it is created with access for its owner only, and must not exist yet.
    Return True if an incomplete line was removed from `out`. Raise InstallerError.
    """
    refuse_same(out, keys)
    version, mended = station.newest, False
    found = [(card, station.sun_key(bytes.fromhex(card.hex), version)) for card in cards]
    lines = ["uid,key,key_version", *(f"{card.hex},{key.hex().upper()},{version}" for card, key in found)]
    try:
        descriptor = os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write("\n".join(lines) + "\n")
            opened.flush()
            os.fsync(descriptor)
        sync_folder(keys.absolute().parent)
    except FileExistsError as error:
        raise InstallerError(f"{keys} exists already; give --keys a new file.") from error
    except OSError as error:
        raise InstallerError(f"{keys} cannot be written ({error.strerror}); give another --keys.") from error
    for card, key in found:
        wrapped = wrap(door, card, version, key)
        line = IssuedKey(
            number=card, version=version, chip=NTAG_424, bought=bought, door=door.id, wrapped=wrapped
        ).signed(station.key)
        mended |= append(
            out,
            line,
            f"destroy {keys}, then give another --out and another --keys and run this again with all cards.",
        )
    return mended


def refuse_same(out: Path, keys: Path) -> None:
    """Raise InstallerError for the same file: `out` goes to the door and must not hold plain keys."""
    if out.resolve() == keys.resolve() or (out.exists() and keys.exists() and out.samefile(keys)):
        raise InstallerError(
            f"--out and --keys are the same file, {keys}; give --keys another file, which stays here."
        )
