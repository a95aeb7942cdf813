"""The arithmetic of a secure unique NFC message (SUN), which an NTAG 424 DNA card creates at each reading.
Pure.

From NXP's AN12196, "NTAG 424 DNA and NTAG 424 DNA TagTamper features and hints", and the card's data sheet
(NT4H2421Gx, 9.3). At each reading the card writes its UID and a counter that only rises into its NDEF
message, in clear or encrypted (PICCData), and eight bytes of an AES-CMAC. The key of that MAC is derived from
the card's own key, the UID and the counter, so the MAC proves both although it covers no text.
"""

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

UID_BYTES, COUNTER_BYTES, MAC_BYTES = 7, 3, 8
CLEAR_BYTES = UID_BYTES + COUNTER_BYTES  # as text in the message: the counter's highest byte first
ENCRYPTED_BYTES = 16
_SESSION_MAC = bytes.fromhex("3CC300010080")  # SV2 begins with it
_WHAT_IS_THERE = 0xC7  # PICCDataTag: a UID of seven bytes, and the counter
_ZERO = bytes(16)


def mac(key: bytes, uid: bytes, counter: int) -> bytes:
    """The MAC over no text: SDMMACInputOffset is where the MAC itself begins."""
    session = _cmac(key, _SESSION_MAC + uid + counter.to_bytes(COUNTER_BYTES, "little"))
    return _cmac(session, b"")[1::2]


def identity(key: bytes, sun_data: bytes) -> tuple[bytes, int] | None:
    """Return UID and counter from CLEAR_BYTES, or from ENCRYPTED_BYTES under `key`; trust them only with
    their MAC. None if it is neither.
    """
    if len(sun_data) == CLEAR_BYTES:
        return sun_data[:UID_BYTES], int.from_bytes(sun_data[UID_BYTES:], "big")
    if len(sun_data) != ENCRYPTED_BYTES:
        return None
    decryptor = Cipher(AES128(key), CBC(_ZERO)).decryptor()
    plain = decryptor.update(sun_data) + decryptor.finalize()
    if plain[0] != _WHAT_IS_THERE:
        return None
    uid, counter = plain[1 : 1 + UID_BYTES], plain[1 + UID_BYTES : 1 + CLEAR_BYTES]
    return uid, int.from_bytes(counter, "little")


def encrypted(key: bytes, uid: bytes, counter: int, padding: bytes) -> bytes:
    """Encrypt as the card does; `padding` are its five random bytes."""
    plain = bytes([_WHAT_IS_THERE]) + uid + counter.to_bytes(COUNTER_BYTES, "little") + padding
    encryptor = Cipher(AES128(key), CBC(_ZERO)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def verified_counter(key: bytes, polled: bytes, sun_data: bytes, card_mac: bytes) -> int | None:
    """Return the counter of this reading of the card polled as `polled`; None if `key` did not produce the
    message.

    The UID under the MAC must equal the polled one, or a card that shows another card's number and sends its
    own message would pass.
    """
    found = identity(key, sun_data)
    if found is None or len(card_mac) != MAC_BYTES:
        return None
    uid, counter = found
    genuine = hmac.compare_digest(mac(key, uid, counter), card_mac)
    return counter if genuine and uid == polled else None


def _cmac(key: bytes, message: bytes) -> bytes:
    code = CMAC(AES128(key))
    code.update(message)
    return code.finalize()
