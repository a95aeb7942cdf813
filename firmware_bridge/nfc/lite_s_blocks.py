"""The blocks of a FeliCa Lite-S by number, 16 bytes each (Sony's FeliCa Lite-S User's Manual)."""

BLOCK_BYTES = 16

REG = 0x0E  # after the fourteen scratch pads, S_PAD0 to S_PAD13
RC, MAC, ID, D_ID, SER_C, SYS_C, CKV, CK, MC = range(0x80, 0x89)
WCNT, MAC_A, STATE = 0x90, 0x91, 0x92
CRC_CHECK = 0xA0

READ, WRITE = 0x06, 0x08  # commands; their answers have the next code
READ_ONLY, READ_WRITE = b"\x0b\x00", b"\x09\x00"  # services
MOST_READ = 4

# The memory configuration MC, byte by byte.
# Two bytes, a bit for S_PAD0 … REG; the last bit is for MC itself: bytes 0, 1 and 6 to 12.
MC_PAD_WRITABLE = 0
MC_SYSTEM_WRITABLE = 2  # FF, or 00 permanently: ID, SER_C, CKV, CK, and MC's bytes 2 to 5
OPEN = 0xFF
MC_NDEF = 3
MC_RF = 4  # always 07
MC_KEY_BY_MAC = 5  # 01: CK and CKV may be written with MAC, even when MC_SYSTEM_WRITABLE is 00
MC_READ_AUTHENTICATED = 6  # two bytes, a bit for each of them
MC_WRITE_AUTHENTICATED = 8
MC_WRITE_BY_MAC = 10
MC_STATE_BY_MAC = 12

# CKV has this value during issuing, in place of a key version; no key has this version.
HALF_ISSUED = 0xFFFF

IC_CODES = (0xF1, 0xF2)  # the second byte of PMm: RC-S966, and FeliCa Link in its Lite-S mode
