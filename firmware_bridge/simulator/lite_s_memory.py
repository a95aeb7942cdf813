"""The memory of a virtual FeliCa Lite-S: its blocks, their read and write rights, its write counter.

The rules are those of Sony's FeliCa Lite-S User's Manual. A new memory configuration (MC) can be read
immediately and takes effect the next time the card enters a field.
"""

from collections.abc import Mapping

from firmware_bridge.nfc.lite_s_blocks import (
    BLOCK_BYTES,
    CK,
    CKV,
    CRC_CHECK,
    D_ID,
    ID,
    MC,
    MC_KEY_BY_MAC,
    MC_NDEF,
    MC_PAD_WRITABLE,
    MC_READ_AUTHENTICATED,
    MC_STATE_BY_MAC,
    MC_SYSTEM_WRITABLE,
    MC_WRITE_AUTHENTICATED,
    MC_WRITE_BY_MAC,
    OPEN,
    REG,
    SER_C,
    STATE,
    SYS_C,
    WCNT,
)

PMM = bytes.fromhex("00F1000000014300")
FACTORY_COUNT, LAST_COUNT, LAST_COUNT_UNLOCKED = 0xFFFE00, 0xFFFE00, 0xFFFFFF
_ZERO = bytes(BLOCK_BYTES)
_KEPT = (*range(REG + 1), ID, SER_C, CKV, CK, MC)
_CONFIGURATION_BIT = 15


class LiteSMemory:
    """What a card keeps without a field: the factory state, unless `kept` has other blocks."""

    def __init__(self, idm: bytes, kept: Mapping[int, bytes] | None = None, count: int | None = None) -> None:
        self.idm = idm
        self.blocks: dict[int, bytes] = dict.fromkeys((*range(REG), SER_C, CKV, CK), _ZERO)
        self.blocks[REG] = b"\xff" * BLOCK_BYTES
        self.blocks[ID] = idm + bytes(8)
        self.blocks[MC] = bytes.fromhex("FFFFFF0007").ljust(BLOCK_BYTES, b"\0")
        self.blocks |= dict(kept or {})
        if set(self.blocks) != set(_KEPT) or any(len(b) != BLOCK_BYTES for b in self.blocks.values()):
            raise ValueError("not the blocks of a FeliCa Lite-S card")
        self.count = FACTORY_COUNT if count is None else count
        self.power_up()

    def power_up(self) -> None:
        """The card enters a field: the last written configuration takes effect, and no authentication
        remains.
        """
        self._configuration = self.blocks[MC]
        self.authenticated = False
        if self.is_locked and self.count > LAST_COUNT - 1:
            self.count = 0

    @property
    def is_locked(self) -> bool:
        return self._configuration[MC_SYSTEM_WRITABLE] != OPEN

    @property
    def is_ndef(self) -> bool:
        return bool(self._configuration[MC_NDEF] & 1)

    @property
    def is_worn_out(self) -> bool:
        """The card accepts no more writes with MAC."""
        return self.count >= (LAST_COUNT if self.is_locked else LAST_COUNT_UNLOCKED)

    def exists(self, block: int) -> bool:
        return block <= REG or 0x80 <= block <= MC or WCNT <= block <= STATE or block == CRC_CHECK

    def value(self, block: int) -> bytes:
        """RC and CK are write-only and read as zeros; the MACs are not memory."""
        if block == D_ID:
            return self.idm + PMM
        if block == SYS_C:
            return b"\x88\xb4" + bytes(14)
        if block == WCNT:
            return self.count.to_bytes(3, "little") + bytes(13)
        if block == STATE:
            return bytes([self.authenticated]) + bytes(15)
        return _ZERO if block == CK else self.blocks.get(block, _ZERO)

    def may_read(self, block: int) -> bool:
        return not self._bit(MC_READ_AUTHENTICATED, block) or self.authenticated

    def is_writable(self, block: int, by_mac: bool) -> bool:
        """Whether the configuration allows it; `may_write` checks the authentication."""
        if block <= REG:
            return self._bit(MC_PAD_WRITABLE, block) and (by_mac or not self._bit(MC_WRITE_BY_MAC, block))
        if block in (CKV, CK):
            return by_mac if self._configuration[MC_KEY_BY_MAC] & 1 else not self.is_locked
        if block in (ID, SER_C):
            return not self.is_locked
        if block == MC:
            return not self.is_locked or self._bits(MC_PAD_WRITABLE) >> _CONFIGURATION_BIT == 1
        return block == STATE and (by_mac or not self._configuration[MC_STATE_BY_MAC] & 1)

    def may_write(self, block: int) -> bool:
        return not self._bit(MC_WRITE_AUTHENTICATED, block) or self.authenticated

    def write(self, block: int, data: bytes) -> None:
        """Write a block whose rights are checked; each write counts."""
        if block == STATE:
            self.authenticated = data[0] == 1
        elif block == MC:
            self.blocks[MC] = self._configured(data)
        elif block == REG:
            self.blocks[REG] = _decremented(self.blocks[REG], data)
        elif block == ID:
            self.blocks[ID] = self.idm + data[8:]
        else:
            self.blocks[block] = data
        self.count = min(self.count + 1, LAST_COUNT if self.is_locked else LAST_COUNT_UNLOCKED)

    def _configured(self, data: bytes) -> bytes:
        """A forbidden right stays forbidden, and a right that needs a key always needs it."""
        new = bytearray(self.blocks[MC])
        pads = self._bits(MC_PAD_WRITABLE) >> _CONFIGURATION_BIT == 1
        for i, value in enumerate(data):
            if i < 2 and pads:
                new[i] &= value
            elif 2 <= i <= 5 and not self.is_locked:
                new[i] = value
            elif 6 <= i <= MC_STATE_BY_MAC and pads:
                new[i] |= value
        return bytes(new)

    def _bits(self, at: int) -> int:
        return int.from_bytes(self._configuration[at : at + 2], "little")

    def _bit(self, at: int, block: int) -> bool:
        return block <= REG and bool(self._bits(at) >> block & 1)


def _decremented(old: bytes, new: bytes) -> bytes:
    """REG holds two counters that only go down, and eight bytes that change when they do."""
    parts = [(int.from_bytes(v[i : i + 4], "little"), v[i : i + 4]) for v in (old, new) for i in (0, 4)]
    a, b = min(parts[0], parts[2]), min(parts[1], parts[3])
    both = parts[2][0] <= parts[0][0] and parts[3][0] <= parts[1][0]
    return a[1] + b[1] + (new if both else old)[8:]
