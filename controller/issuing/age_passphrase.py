"""Opens a small age file (age-encryption.org/v1) by its passphrase, however slow this machine is.

The age library measures the machine and refuses a passphrase that needs sixteen times the usual second: on a
small or busy computer it refuses files from a fast one. This module takes the time instead.
"""

import base64
import hashlib
import hmac
import re
import time
from datetime import timedelta

_HEADER = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n---"
)
_MAC = re.compile(rb" ([A-Za-z0-9+/]{43})\n")
_LABEL = b"age-encryption.org/v1/scrypt"
_CHUNK = 64 * 1024 + 16
_LARGEST = 22  # 4 GiB of memory; age itself goes up to about 2^20 in a second on today's machines
_PROBE = 13


class CannotOpen(Exception):
    """The passphrase is wrong, or the file is damaged or needs more memory than there is."""


def needed_time(content: bytes) -> timedelta:
    """An estimate for this machine as it is now. Raises CannotOpen."""
    cost = _cost(_header(content))
    began = time.monotonic()
    _scrypt(b"", b"", min(_PROBE, cost))
    return timedelta(seconds=(time.monotonic() - began) * 2.0 ** max(0, cost - _PROBE))


def decrypt(content: bytes, passphrase: str) -> bytes:
    """Raises CannotOpen."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    header = _header(content)
    mac = _MAC.match(content, header.end())
    if mac is None:
        raise CannotOpen("the file is damaged")
    salt, wrapped = _decoded(header[1]), _decoded(header[3])
    try:
        wrapping = _scrypt(passphrase.encode(), _LABEL + salt, _cost(header))
        file_key = ChaCha20Poly1305(wrapping).decrypt(bytes(12), wrapped, None)
        if not hmac.compare_digest(
            hmac.digest(_derived(file_key, None, b"header"), header[0], "sha256"), _decoded(mac[1])
        ):
            raise CannotOpen("the file is damaged")
        nonce, payload = content[mac.end() : mac.end() + 16], content[mac.end() + 16 :]
        cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        chunks = [payload[at : at + _CHUNK] for at in range(0, len(payload), _CHUNK)]
        if not chunks:
            raise CannotOpen("the file is damaged")
        return b"".join(
            cipher.decrypt(number.to_bytes(11) + bytes([number == len(chunks) - 1]), chunk, None)
            for number, chunk in enumerate(chunks)
        )
    except InvalidTag as error:
        raise CannotOpen("the passphrase is wrong, or the file is damaged") from error


def _header(content: bytes) -> re.Match[bytes]:
    found = _HEADER.match(content)
    if found is None:
        raise CannotOpen("the file is damaged")
    return found


def _cost(header: re.Match[bytes]) -> int:
    cost = int(header[2])
    if cost > _LARGEST:
        raise CannotOpen(f"the file asks for {2 ** (cost - 10)} MiB of memory")
    return cost


def _scrypt(passphrase: bytes, salt: bytes, cost: int) -> bytes:
    memory = 1024 * (1 << cost)
    try:
        return hashlib.scrypt(
            passphrase, salt=salt, n=1 << cost, r=8, p=1, maxmem=memory + 64 * 1024 * 1024, dklen=32
        )
    except (MemoryError, ValueError) as error:
        raise CannotOpen(f"this machine lacks {memory // (1 << 20)} MiB of free memory") from error


def _derived(key: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, purpose).derive(key)


def _decoded(text: bytes) -> bytes:
    decoded = base64.b64decode(text + b"=" * (-len(text) % 4))
    if base64.b64encode(decoded).rstrip(b"=") != text:
        raise CannotOpen("the file is damaged")
    return decoded
