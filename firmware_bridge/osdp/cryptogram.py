"""Finds whose key a reader has, if not its own: then two readers are swapped.

In the handshake the reader proves its key by two random numbers, ours and its own, under a session key
derived from the first six bytes of ours. We compute the same with the keys of the other readers.
"""

from collections.abc import Mapping

from firmware_bridge.osdp import frames
from firmware_bridge.osdp.frames import Frame

_HEADER = 5
_RANDOM, _CLIENT_ID, _CRYPTOGRAM = 8, 8, 16


def whose_key(command: Frame | None, reply: Frame | None, keys: Mapping[str, bytes]) -> str | None:
    """Return the name among `keys` whose key produced `reply`; None if no key did, or if it is not such a
    reply.
    """
    if command is None or reply is None:
        return None
    if (command.id, reply.id) != (frames.CHALLENGE, frames.CLIENT_CRYPTOGRAM):
        return None
    ours, answer = _data(command), _data(reply)
    if len(ours) != _RANDOM or len(answer) != _CLIENT_ID + _RANDOM + _CRYPTOGRAM:
        return None
    theirs, cryptogram = answer[_CLIENT_ID : _CLIENT_ID + _RANDOM], answer[-_CRYPTOGRAM:]
    for name, key in keys.items():
        session = _aes(key, b"\x01\x82" + ours[:6] + bytes(8))
        if _aes(session, ours + theirs) == cryptogram:
            return name
    return None


def _data(frame: Frame) -> bytes:
    """The bytes after the security block and the code, before the check."""
    check = 2 if frame.raw[4] & 0x04 else 1
    return frame.raw[_HEADER + frame.raw[_HEADER] + 1 : -check]


def _aes(key: bytes, block: bytes) -> bytes:
    # Imported here: only a failed handshake pays for it.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    one_block = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return one_block.update(block) + one_block.finalize()
