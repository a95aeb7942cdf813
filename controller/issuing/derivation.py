"""Derive a card's key from a master key by NXP's AN10922 for AES-128: each card has a key of its own.

The diversification input is 0x01 ‖ the card's number ‖ the station's system identifier.
"""

from collections.abc import Mapping

from controller.issuing.signing import SEED_BYTES
from controller.model.card_keys import KEY_BYTES

_EARLY_SEED = b"genkan station signing key, from before it was kept"
_CONSTANT = b"\x01"  # AN10922's for AES-128
# AN10922 always pads to two blocks; CMAC itself does the same from 17 bytes on.
_SHORTEST, _LONGEST = 17, 32


def diversify(master: bytes, number: bytes, system: bytes) -> bytes:
    """Return 16 bytes. Raise ValueError for lengths at which AN10922 differs from plain CMAC."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES128
    from cryptography.hazmat.primitives.cmac import CMAC

    message = _CONSTANT + number + system
    if len(master) != KEY_BYTES or not _SHORTEST <= len(message) <= _LONGEST:
        raise ValueError(f"{len(master)} bytes of key or {len(message)} of input do not fit AN10922")
    code = CMAC(AES128(master))
    code.update(message)
    return code.finalize()


def early_seed(system: bytes, masters: Mapping[int, bytes]) -> bytes:
    """Return the signing seed of a station from before stations stored one and signed lines.

    Derived from its system identifier and newest master key (HKDF, RFC 5869): nothing is written, so each
    copy of the folder is the same station. Raise ValueError without a master key.
    """
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), SEED_BYTES, salt=system, info=_EARLY_SEED).derive(masters[max(masters)])
