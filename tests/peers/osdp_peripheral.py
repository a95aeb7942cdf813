"""An OSDP reader that owes nothing to libosdp: its secure channel and checks are those of the package `osdp`
(a control panel in pure Python), turned round; what it answers is written here.

That package and libosdp both install a folder `osdp`, so it lies in a folder of its own (`make` puts it
there), and this runs in a process whose path has that folder and nothing of ours. It prints the port it
listens on, then one JSON line for each command; on stdin it reads `card BITS HEX`,
`keys DIGITS`, `tamper 0|1`.
"""

import json
import os
import pty
import select
import sys
import tty
from collections import deque
from pathlib import Path

from osdp._message import Message
from osdp._secure_channel import SecureChannel

ADDRESS, KEY_FILE = int(sys.argv[1]), Path(sys.argv[2])
CLIENT_ID = bytes.fromhex("47454e4b414e0001")
ACK, NAK, IDENTITY, CAPABILITIES, LOCAL_STATUS, RAW, KEYPAD = 0x40, 0x41, 0x45, 0x46, 0x48, 0x50, 0x53
CRYPTOGRAM, INITIAL_MAC = 0x76, 0x78
NAMES = {0x68: "output", 0x69: "lamp", 0x6A: "buzzer", 0x6B: "text", 0x75: "key"}
CAN = bytes((3, 1, 1, 4, 4, 1, 5, 2, 1, 2, 2, 1, 6, 1, 1, 8, 1, 0, 9, 1, 1))


class Checks(Message):
    def data(self):
        return b""


class Session(SecureChannel):
    """The package's class, with a fixed key instead of a derived one, for the other end of the cable."""

    def __init__(self, key):
        self.key = key
        super().__init__(b"")

    def calculate_scbk(self):
        return self.key

    def answer(self, ours, theirs, default):
        self.server_random_number, self.is_scbkd = ours, default
        key = self.default_secure_channel_key if default else self.key
        session = self.generate_key(b"\x01\x82" + ours[:6], bytes(8), key)
        proof = self.generate_key(ours, theirs, session)
        self.initialize(CLIENT_ID, theirs, proof)
        return proof

    def initial_mac(self):
        first = self.generate_key(self.server_cryptogram[:8], self.server_cryptogram[8:], self._smac1)
        return self.generate_key(first[:8], first[8:], self._smac2)

    def open(self, data):
        """What the panel sealed: it inverts our last seal, as we invert its one."""
        self._cmac, self._rmac = self._rmac, self._cmac
        try:
            return self.decrypt_data(data)
        finally:
            self._cmac, self._rmac = self._rmac, self._cmac

    def close(self, data):
        self._cmac, self._rmac = self._rmac, self._cmac
        try:
            return self.encrypt_data(data)
        finally:
            self._cmac, self._rmac = self._rmac, self._cmac


class Peripheral:
    def __init__(self):
        self.checks, self.session = Checks(), None
        self.waiting, self.tamper, self.reported = deque(), 0, 0
        self.last = (b"", b"")

    def answer(self, raw):
        """The reply to one whole command, as bytes; the same for the same."""
        if raw[4] & 3 and raw == self.last[0]:
            return self.last[1]
        if not raw[4] & 3:
            self.session = None
        secure = raw[4] & 8
        block = raw[5 : 5 + raw[5]] if secure else b""
        at = 5 + len(block)
        end = len(raw) - 2 - (4 if block and block[1] > 0x14 else 0)
        code, data = raw[at], raw[at + 1 : end]
        if block and block[1] > 0x14:
            if self.session is None or not self.session.is_established:
                return self.reply(raw, NAK, b"\x06")
            if self.session.generate_mac(raw[:end], True)[:4] != raw[end : end + 4]:
                self.session = None
                return self.reply(raw, NAK, b"\x06")
            if block[1] == 0x17:
                data = self.session.open(data)
            reply, what = self.sealed(code, data)
            return self.keep(raw, self.seal(raw, reply, what))
        if code == 0x61:
            return self.keep(raw, self.reply(raw, IDENTITY, bytes.fromhex("47454e010100000001010000")))
        if code == 0x62:
            return self.keep(raw, self.reply(raw, CAPABILITIES, CAN))
        if code == 0x76:
            return self.keep(raw, self.challenged(raw, block, data))
        if code == 0x77 and self.session is not None and data == self.session.server_cryptogram:
            self.session.establish(self.session.initial_mac())
            return self.keep(raw, self.reply(raw, INITIAL_MAC, self.session._rmac, b"\x03\x14\x01"))
        if code == 0x60:
            return self.keep(raw, self.reply(raw, ACK, b""))
        return self.keep(raw, self.reply(raw, NAK, b"\x06"))

    def challenged(self, raw, block, data):
        key = KEY_FILE.read_bytes() if KEY_FILE.exists() else None
        default = block[2] == 0
        if (key is None) != default:  # in install mode it knows the default key only, and afterwards never
            return self.reply(raw, NAK, b"\x05")
        self.session, theirs = Session(key), os.urandom(8)
        proof = self.session.answer(data, theirs, default)
        return self.reply(raw, CRYPTOGRAM, CLIENT_ID + theirs + proof, bytes((3, 0x12, block[2])))

    def sealed(self, code, data):
        if code in NAMES:
            command = {"command": NAMES[code], "data": "" if code == 0x75 else data.hex()}
            if code == 0x75:
                KEY_FILE.write_bytes(data[2:18])
            print(json.dumps(command), flush=True)
            return ACK, b""
        if code == 0x64 or (code == 0x60 and self.tamper != self.reported):
            self.reported = self.tamper
            return LOCAL_STATUS, bytes((self.tamper, 0))
        if code == 0x60 and self.waiting:
            return self.waiting.popleft()
        return (ACK, b"") if code == 0x60 else (NAK, b"\x03")

    def seal(self, raw, code, data):
        block = b"\x02\x18" if data else b"\x02\x16"
        body = bytes((code,)) + (self.session.close(data) if data else b"")
        head = self.head(raw, 5 + len(block) + len(body) + 4 + 2, True) + block + body
        head += self.session.generate_mac(head, False)[:4]
        return head + self.checks.calculate_crc(head).to_bytes(2, "little")

    def reply(self, raw, code, data, block=b""):
        head = self.head(raw, 5 + len(block) + 1 + len(data) + 2, bool(block)) + block + bytes((code,)) + data
        return head + self.checks.calculate_crc(head).to_bytes(2, "little")

    def head(self, raw, size, secure):
        control = raw[4] & 3 | 4 | (8 if secure else 0)
        return bytes((0x53, ADDRESS | 0x80)) + size.to_bytes(2, "little") + bytes((control,))

    def keep(self, raw, reply):
        self.last = (raw, reply)
        return reply

    def hear(self, words):
        if words[0] == "card":
            bits = int(words[1])
            self.waiting.append((RAW, b"\0\x01" + bits.to_bytes(2, "little") + bytes.fromhex(words[2])))
        elif words[0] == "keys":
            self.waiting += [(KEYPAD, bytes((0, 1, ord(key)))) for key in words[1]]
            self.waiting.append((KEYPAD, b"\0\x01\r"))
        elif words[0] == "tamper":
            self.tamper = int(words[1])


def main():
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    print(json.dumps({"port": os.ttyname(slave)}), flush=True)
    peripheral, held = Peripheral(), b""
    while True:
        ready = select.select([master, sys.stdin.fileno()], [], [])[0]
        if sys.stdin.fileno() in ready:
            command = os.read(sys.stdin.fileno(), 4096)
            if not command:
                return
            for line in command.decode("ascii").splitlines():
                peripheral.hear(line.split())
        if master in ready:
            held += os.read(master, 4096)
            while (start := held.find(0x53)) >= 0 and len(held) - start >= 4:
                size = int.from_bytes(held[start + 2 : start + 4], "little")
                raw = held[start : start + size]
                if len(raw) < size:
                    break
                held = held[start + size :]
                good = peripheral.checks.calculate_crc(raw[:-2]).to_bytes(2, "little") == raw[-2:]
                if good and raw[1] == ADDRESS:
                    os.write(master, peripheral.answer(raw))


if __name__ == "__main__":
    main()
