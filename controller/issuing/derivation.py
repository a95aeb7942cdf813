"""A card's key from a master key, by NXP's AN10922 for AES-128: one card's key opens no other.

The diversification input is 0x01 ‖ the card's number ‖ the station's system identifier.
"""

from controller.model.card_keys import KEY_BYTES

_CONSTANT = b"\x01"  # AN10922's for AES-128
# AN10922 pads to two blocks whatever the length; from 17 bytes on that is what CMAC itself does.
_SHORTEST, _LONGEST = 17, 32


def diversify(master: bytes, number: bytes, system: bytes) -> bytes:
    """16 bytes. Raise ValueError for lengths at which AN10922 is another function than this one."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES128
    from cryptography.hazmat.primitives.cmac import CMAC

    message = _CONSTANT + number + system
    if len(master) != KEY_BYTES or not _SHORTEST <= len(message) <= _LONGEST:
        raise ValueError(f"{len(master)} bytes of key or {len(message)} of input do not fit AN10922")
    code = CMAC(AES128(master))
    code.update(message)
    return code.finalize()
