"""A virtual FeliCa Lite-S card with real MACs: polling, and reading and writing without encryption.

The card refuses a command with two status flags, and does not answer what is not its command.
"""

from collections.abc import Callable

from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.lite_s_blocks import (
    BLOCK_BYTES,
    CK,
    CKV,
    MAC,
    MAC_A,
    MC,
    MOST_READ,
    RC,
    READ,
    READ_ONLY,
    READ_WRITE,
    WCNT,
    WRITE,
)
from firmware_bridge.nfc.lite_s_mac import MAC_BYTES, Session
from firmware_bridge.simulator.air import Frame
from firmware_bridge.simulator.lite_s_memory import PMM, LiteSMemory

_BITRATES = ("212F", "424F")
_OWN_SYSTEM, _NDEF_SYSTEM = b"\x88\xb4", b"\x12\xfc"
_NO_MAC = bytes(BLOCK_BYTES)
# Scratch pads as they were; system blocks locked, CK and CKV by MAC only; STATE by MAC only.
LOCKED = bytes.fromhex("FF7F0000070100000000000001").ljust(BLOCK_BYTES, b"\0")


class _Refused(Exception):
    def __init__(self, first: int, second: int) -> None:
        self.status = bytes([first, second])


class LiteSFace:
    """A Face. `changed` is called when the card has stored something new."""

    def __init__(self, memory: LiteSMemory, changed: Callable[[], object] = lambda: None) -> None:
        self.memory, self._changed = memory, changed
        self._session: Session | None = None
        self.was_read = False

    @classmethod
    def with_key(cls, idm: bytes, card_key: bytes, version: int = 1) -> "LiteSFace":
        """Create a card with that key and key version, locked as `genkan issue` locks one."""
        kept = {
            CK: lite_s_mac.key_block(card_key),
            CKV: version.to_bytes(2, "little") + bytes(14),
            MC: LOCKED,
        }
        return cls(LiteSMemory(idm, kept, count=0))

    def power_up(self) -> None:
        """The card left the field and returned: challenge and authentication are gone."""
        self._session = None
        self.memory.power_up()

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if bitrate not in _BITRATES or not command or command[0] != len(command):
            return None
        if len(command) == 6 and command[1] == 0:
            return self._polled(bitrate, command[2:4], command[4])
        if len(command) < 11 or command[2:10] != self.memory.idm or command[1] not in (READ, WRITE):
            return None
        try:
            done = self._read(command[10:]) if command[1] == READ else self._write(command[10:])
        except _Refused as refused:
            done = refused.status
        body = bytes([command[1] + 1]) + self.memory.idm + done
        return bitrate, bytes([len(body) + 1]) + body

    def _polled(self, bitrate: str, system: bytes, request: int) -> Frame | None:
        own = [_OWN_SYSTEM, *([_NDEF_SYSTEM] if self.memory.is_ndef else [])]
        met = next((s for s in own if all(w in (0xFF, o) for w, o in zip(system, s, strict=True))), None)
        if met is None:
            return None
        body = b"\x01" + self.memory.idm + PMM + (met if request == 1 else b"")
        self.was_read = True
        return bitrate, bytes([len(body) + 1]) + body

    def _read(self, body: bytes) -> bytes:
        service, blocks, rest = _parsed(body, MOST_READ)
        if rest:
            raise _Refused(0xFF, 0xA2)
        if service not in (READ_ONLY, READ_WRITE):
            raise _Refused(0x01, 0xA6)
        if MAC in blocks and MAC_A in blocks:
            raise _Refused(1 << blocks.index(MAC_A), 0xB0)
        data = b""
        for place, block in enumerate(blocks):
            if not self.memory.exists(block):
                raise _Refused(1 << place, 0xA8)
            if not self.memory.may_read(block):
                raise _Refused(1 << place, 0xB1)
            if block not in (MAC, MAC_A):
                data += self.memory.value(block)
            elif self._session is None:
                raise _Refused(1 << place, 0xB2)
            elif place == 0 or place != len(blocks) - 1:
                data += _NO_MAC
            else:
                data += self._vouch(block, self._session, blocks[:-1], data)
        return b"\0\0" + bytes([len(blocks)]) + data

    def _vouch(self, block: int, session: Session, blocks: list[int], data: bytes) -> bytes:
        if block == MAC:
            return lite_s_mac.read_mac(session, data).ljust(BLOCK_BYTES, b"\0")
        return lite_s_mac.read_mac_a(session, blocks, data).ljust(BLOCK_BYTES, b"\0")

    def _write(self, body: bytes) -> bytes:
        service, blocks, data = _parsed(body, 2)
        if service != READ_WRITE:
            raise _Refused(0x01, 0xA6)
        if len(data) != BLOCK_BYTES * len(blocks):
            raise _Refused(0xFF, 0xA2)
        by_mac = len(blocks) == 2
        if by_mac and blocks[1] != MAC_A:
            raise _Refused(0x02, 0xA8)
        block, new = blocks[0], data[:BLOCK_BYTES]
        if block == RC and not by_mac:
            self._challenged(new)
            return b"\0\0"
        if not self.memory.is_writable(block, by_mac):
            raise _Refused(0x01, 0xA8)
        if not self.memory.may_write(block):
            raise _Refused(0x01, 0xB1)
        if by_mac and not self._is_vouched(block, new, data[BLOCK_BYTES:]):
            raise _Refused(0x02, 0xB2)
        self.memory.write(block, new)
        self._changed()
        return b"\0\0"

    def _challenged(self, block: bytes) -> None:
        key = lite_s_mac.card_key_from_block(self.memory.blocks[CK])
        self._session = lite_s_mac.session(key, lite_s_mac.card_key_from_block(block))
        self.memory.authenticated = False

    def _is_vouched(self, block: int, data: bytes, mac_a: bytes) -> bool:
        if self._session is None or self.memory.is_worn_out:
            return False
        count = self.memory.count
        expected = lite_s_mac.write_mac_a(self._session, block, data, count)
        return (
            mac_a[:MAC_BYTES] == expected and mac_a[MAC_BYTES : MAC_BYTES + 3] == self.memory.value(WCNT)[:3]
        )


def _parsed(body: bytes, most: int) -> tuple[bytes, list[int], bytes]:
    """Return service, blocks, and the remaining bytes."""
    if body[0] != 1 or len(body) < 4:
        raise _Refused(0xFF, 0xA1)
    count, rest = body[3], body[4:]
    if not 1 <= count <= most:
        raise _Refused(0xFF, 0xA2)
    blocks = []
    for place in range(count):
        size = 2 if rest[:1] and rest[0] & 0x80 else 3
        if len(rest) < size:
            raise _Refused(0xFF, 0xA2)
        if rest[0] & 0x0F:
            raise _Refused(1 << place, 0xA3)
        if rest[0] & 0x70:
            raise _Refused(1 << place, 0xA7)
        number = int.from_bytes(rest[1:size], "little")
        if number > 0xFF:
            raise _Refused(1 << place, 0xA8)
        blocks.append(number)
        rest = rest[size:]
    return body[1:3], blocks, rest
