"""A virtual PN532 as its host sees it: commands in, answers out, cards in its field.

It follows the PN532 User Manual (NXP UM0701-02, firmware 1.6), as far as a host that reads cards needs it:
software that reads here should read with the chip. It keeps its serial speed after the host's death, as the
chip does.
"""

from collections.abc import Callable

from firmware_bridge.simulator import pn532_frames as frames
from firmware_bridge.simulator.pn532_field import TYPE_A, Field

SPEEDS = (9600, 19200, 38400, 57600, 115_200, 230_400, 460_800, 921_600)
FIRST_SPEED = 115_200
WAKE_BYTES = 5  # a sleeping chip swallows at least so many
_OK, _TIME_OUT, _CRC_ERROR = b"\x00", b"\x01", b"\x02"
_TX_MODE, _RX_MODE, _TX_CONTROL, _FIFO = 0x6302, 0x6303, 0x6304, 0x6339
_CRC_ON = 0x80
_FIELD_BITS = 0x03
_FELICA = {1: "212F", 2: "424F"}
_FRAMING = {0: "A", 2: "F", 3: "B"}

Command = Callable[["Pn532", bytes], bytes | None]


class Pn532:
    """`transform_answer` changes each answer before it is sent: tests make the chip lie."""

    def __init__(self, transform_answer: Callable[[bytes], bytes] = lambda answer: answer) -> None:
        self.field = Field()
        self._transform_answer = transform_answer
        self.power_on()

    def power_on(self) -> None:
        """Start without memory, as after a power failure."""
        self.speed = FIRST_SPEED
        self._next_speed: int | None = None
        self._asleep = True
        self._framer = frames.Pn532Framer()
        self._last = b""
        self._registers = {_TX_MODE: _CRC_ON, _RX_MODE: _CRC_ON}
        self.field.is_on = False

    def hear(self, data: bytes, speed: int | None = None) -> bytes:
        """Return the immediate answer. At another `speed` than its own the chip recognises no frame.

        Between the command to change the speed and the host's ACK, nothing on a pseudo-terminal shows which
        side has changed first, and the host may lose the ACK when it reopens the port. So the first frame at
        the new speed confirms the change too.
        """
        if speed is not None and speed not in (self.speed, self._next_speed):
            return b""
        answers = b""
        for frame in self._framer.feed(data):
            if speed is not None and speed == self._next_speed:
                self.speed, self._next_speed = speed, None
            if self._asleep:
                self._asleep = self._framer.woken < WAKE_BYTES
                if self._asleep:
                    continue
            if frame is frames.Control.ACK:
                self.speed, self._next_speed = self._next_speed or self.speed, None
            elif frame is frames.Control.NACK:
                answers += self._last
            elif isinstance(frame, bytes) and frame[:1] == b"\xd4" and len(frame) > 1:
                self._last = self._obey(frame[1], frame[2:])
                answers += frames.ACK + self._last
        return answers

    def _obey(self, code: int, data: bytes) -> bytes:
        command = _COMMANDS.get(code)
        try:
            answer = None if command is None else command(self, data)
        except (IndexError, ValueError):
            answer = None
        if answer is None:
            return frames.APPLICATION_ERROR
        return frames.information(self._transform_answer(bytes((0xD5, code + 1)) + answer))

    def _diagnose(self, data: bytes) -> bytes | None:
        return data if data[0] == 0 else _OK if data[0] in (1, 2) else None

    def _version(self, data: bytes) -> bytes:
        return b"\x32\x01\x06\x07"  # PN532, firmware 1.6; ISO 18092, Type A and Type B

    def _status(self, data: bytes) -> bytes:
        return bytes((0, self.field.is_on, 0, 0))

    def _read_register(self, data: bytes) -> bytes:
        return bytes(
            self._register(int.from_bytes(data[at : at + 2], "big")) for at in range(0, len(data), 2)
        )

    def _write_register(self, data: bytes) -> bytes:
        for at in range(0, len(data), 3):
            self._registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _register(self, address: int) -> int:
        if address == _TX_CONTROL:
            return 0x80 | (_FIELD_BITS if self.field.is_on else 0)
        return self._registers.get(address, 0)

    def _set_speed(self, data: bytes) -> bytes:
        self._next_speed = SPEEDS[data[0]]
        return b""

    def _accept(self, data: bytes) -> bytes:
        return b""

    def _power_down(self, data: bytes) -> bytes:
        self.field.is_on = False
        self._asleep, self._framer.woken = True, 0
        return _OK

    def _configure_field(self, data: bytes) -> bytes:
        if data[0] == 1:
            self.field.is_on = bool(data[1] & 1)
        return b""

    def _list_targets(self, data: bytes) -> bytes | None:
        """InListPassiveTarget for one card; it does not search for a second."""
        kind, words = data[1], data[2:]
        self.field.is_on = True
        if kind == 0:
            self._tune(0, _CRC_ON)
            selected = self.field.select_type_a(_without_cascade_tags(words))
            self._registers[_FIFO] = 0x26 if selected is None else 0
            return b"\x01\x01" + selected if selected else b"\x00"
        if kind in _FELICA:
            self._tune(kind, _CRC_ON)
            answer = self.field.exchange(_FELICA[kind], bytes((len(words) + 1,)) + words)
            return b"\x01\x01" + answer if answer else b"\x00"
        return b"\x00" if kind in (3, 4) else None

    def _tune(self, felica: int, crc: int) -> None:
        self._registers[_TX_MODE] = self._registers[_RX_MODE] = crc | felica << 4 | (0x02 if felica else 0)

    def _communicate_thru(self, data: bytes) -> bytes:
        mode = self._registers[_TX_MODE]
        bitrate = f"{106 << (mode >> 4 & 7)}{_FRAMING.get(mode & 3, '?')}"
        answer = self.field.exchange(bitrate, data) if self.field.is_on else None
        if answer is None:
            return _TIME_OUT
        if not answer:
            return _CRC_ERROR
        if bitrate == TYPE_A and not self._registers[_RX_MODE] & _CRC_ON and len(answer) > 1:
            answer += _crc_a(answer)
        return _OK + answer

    def _exchange(self, data: bytes) -> bytes:
        return self._communicate_thru(data[1:])


_COMMANDS: dict[int, Command] = {
    0x00: Pn532._diagnose,
    0x02: Pn532._version,
    0x04: Pn532._status,
    0x06: Pn532._read_register,
    0x08: Pn532._write_register,
    0x10: Pn532._set_speed,
    0x12: Pn532._accept,  # SetParameters
    0x14: Pn532._accept,  # SAMConfiguration
    0x16: Pn532._power_down,
    0x32: Pn532._configure_field,
    0x40: Pn532._exchange,
    0x42: Pn532._communicate_thru,
    0x4A: Pn532._list_targets,
}


def _without_cascade_tags(words: bytes) -> bytes:
    """The number of the card to select: 88 precedes the first three and the next three bytes."""
    return {8: words[1:], 12: words[1:4] + words[5:]}.get(len(words), words)


def _crc_a(data: bytes) -> bytes:
    """The check of ISO/IEC 14443-3 Type A, which the chip leaves to the host when its own check is off."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = (crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4) & 0xFFFF
    return crc.to_bytes(2, "little")
