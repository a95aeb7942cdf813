"""A station's folder that opens without age's second of scrypt, for tests of everything but the passphrase.

An age file (https://age-encryption.org/v1) states its own scrypt cost. pyrage measures what one second buys
and takes no cost as an argument, so tests write the file themselves. `test_issue_station.py` holds the real
cost.
"""

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from controller.issuing.age_passphrase import decrypt
from controller.issuing.station import FILE, Station, create_station

_COST = 2  # scrypt's N is 2 to this power


def quick_station(folder: Path, passphrase: str, demo: bool = False) -> Station:
    """As `genkan issue init` leaves it, but for the cost."""
    return create_station(folder, passphrase, demo=demo, encrypt=sealed)


def quicken(folder: Path, passphrase: str) -> None:
    """Seal the station again at little cost, as the same station."""
    file = folder / FILE
    file.write_bytes(sealed(decrypt(file.read_bytes(), passphrase), passphrase))


def cost(age_file: bytes) -> int:
    """The power of two that is scrypt's N in an age file."""
    return int(age_file.split(b"\n")[1].split(b" ")[3])


def sealed(content: bytes, passphrase: str, cost: int = _COST) -> bytes:
    """An age file that opens with the passphrase."""
    assert len(content) <= 65_536  # one chunk of age's
    salt, file_key, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    salted = b"age-encryption.org/v1/scrypt" + salt
    wrapping = hashlib.scrypt(passphrase.encode(), salt=salted, n=1 << cost, r=8, p=1, dklen=32)
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = b"age-encryption.org/v1\n-> scrypt %b %d\n%b\n---" % (_base64(salt), cost, _base64(wrapped))
    mac = hmac.digest(_derived(file_key, None, b"header"), header, "sha256")
    last = bytes(11) + b"\x01"  # the first chunk is the last one
    payload = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(last, content, None)
    return header + b" " + _base64(mac) + b"\n" + nonce + payload


def _derived(key: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(key)


def _base64(content: bytes) -> bytes:
    return base64.b64encode(content).rstrip(b"=")
