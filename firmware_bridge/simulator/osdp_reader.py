"""A virtual OSDP reader: libosdp's own peripheral, behaving like a real reader on the line.

It repeats its answer to a repeated command, as the standard requires (libosdp alone computes a new answer and
loses the session and the card). Its binding can't answer status commands, so it refuses them, and reports its
state at the start of each session and at each change.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import osdp_sys

from firmware_bridge.osdp.frames import Frame, OsdpFramer
from firmware_bridge.osdp.keys import store

_CAPABILITIES = [
    {"function_code": code, "compliance_level": 1, "num_items": 1}
    for code in (
        osdp_sys.CAP_CARD_DATA_FORMAT,
        osdp_sys.CAP_READER_LED_CONTROL,
        osdp_sys.CAP_READER_AUDIBLE_OUTPUT,
        osdp_sys.CAP_READER_TEXT_OUTPUT,
        osdp_sys.CAP_OUTPUT_CONTROL,
        osdp_sys.CAP_CONTACT_STATUS_MONITORING,
    )
]
_ON_FOR_A_TIME = 5


class VirtualOsdpReader:
    """`send` puts bytes on the line. Without a key in `key_file` the reader knows only the default key and
    accepts a new key (install mode), which it keeps in that file.
    """

    def __init__(
        self,
        address: int,
        key_file: Path,
        send: Callable[[bytes], object],
        repeats: bool = True,
        capabilities: Sequence[dict[str, int]] = _CAPABILITIES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = 0
        self.address, self._key_file, self._send, self._repeats = address, key_file, send, repeats
        self._framer = OsdpFramer()
        self._inbox: deque[bytes] = deque()
        self._rest = b""
        self._full = False
        self._last_command = self._last_reply = b""
        self._delivered: deque[bool] = deque()
        self._reported_state: tuple[bool, bool] | None = None
        self._in_session = False
        self.tamper = self.power_failed = False
        self.indications: list[dict[str, Any]] = []  # commands received for lamp, sound, display and relay
        self._monotonic, self._relay_until = monotonic, 0.0
        osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)
        self._library = osdp_sys.PeripheralDevice(self._info(), capabilities=list(capabilities))
        self._library.set_command_callback(self._command)
        self._library.set_event_completion_callback(self._completed)

    # --- the line ---

    def hear(self, data: bytes) -> None:
        """Process bytes from the line, for any address."""
        for frame in self._framer.feed(data):
            if not frame.is_reply and frame.address == self.address:
                self._hear_command(frame)

    def tick(self) -> None:
        """Call it often, for the timers."""
        self._library.refresh()
        session = bool(self._library.is_sc_active())
        if not session:
            self._reported_state = None
        state = (self.tamper, self.power_failed)
        is_news = state != (self._reported_state or (False, False))
        if session and is_news:
            self._reported_state = state
            self._submit(
                {
                    "event": osdp_sys.EVENT_STATUS,
                    "type": osdp_sys.STATUS_REPORT_LOCAL,
                    "report": bytes(state),
                }
            )

    @property
    def in_session(self) -> bool:
        return bool(self._library.is_sc_active())

    @property
    def relay(self) -> bool:
        """Whether the relay pulls. It releases by itself at the end of its time."""
        return self._monotonic() < self._relay_until

    # --- a hand ---

    def present(self, bits: int, data: bytes, form: int = 1) -> bool:
        """Hold a card to it; the reader sends it at the next poll. False if too many wait already."""
        return self._submit(
            {
                "event": osdp_sys.EVENT_CARDREAD,
                "reader_no": 0,
                "format": form,
                "direction": 0,
                "length": bits,
                "data": data,
            }
        )

    def press(self, digits: bytes) -> bool:
        """Keys as OSDP has them: \r is # and \x7f is *."""
        return self._submit({"event": osdp_sys.EVENT_KEYPRESS, "reader_no": 0, "data": digits})

    def forget(self) -> int:
        """Drop the events that the panel has not polled; return their number."""
        return int(self._library.flush_events())

    # --- called by libosdp ---

    def read(self, size: int) -> bytes:
        if not self._rest:
            if self._full or not self._inbox:
                self._full = False
                return b""
            self._rest = self._inbox.popleft()
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._full = len(piece) == size
        return piece

    def write(self, data: bytes) -> int:
        self._last_reply = data
        self._send(data)
        return len(data)

    def flush(self) -> None:
        pass

    def _hear_command(self, frame: Frame) -> None:
        if self._repeats and frame.sequence and frame.raw == self._last_command and self._last_reply:
            self._send(self._last_reply)
            return
        self._last_command, self._last_reply = frame.raw, b""
        self._inbox.append(b"\xff" + frame.raw)
        self._library.refresh()

    def _command(self, command: dict[str, Any]) -> tuple[int, None]:
        code = 0
        try:
            kind = command["command"]
            if kind == osdp_sys.CMD_STATUS:
                code = -1
            elif kind == osdp_sys.CMD_KEYSET:
                self._key_file.parent.mkdir(exist_ok=True)
                store(self._key_file, command["data"])
            elif kind in (osdp_sys.CMD_LED, osdp_sys.CMD_BUZZER, osdp_sys.CMD_TEXT, osdp_sys.CMD_OUTPUT):
                if kind == osdp_sys.CMD_OUTPUT:
                    timed = command["control_code"] == _ON_FOR_A_TIME
                    self._relay_until = self._monotonic() + command["timer_count"] / 10 if timed else 0.0
                self.indications.append(dict(command))
                del self.indications[:-100]
        except Exception:
            code = -1
        return code, None  # any other type would make the binding raise out of its refresh

    def _completed(self, event: dict[str, Any], status: int) -> None:
        if event.get("event") in (osdp_sys.EVENT_CARDREAD, osdp_sys.EVENT_KEYPRESS):
            self._delivered.append(status == osdp_sys.COMPLETION_OK)

    def delivered(self) -> bool | None:
        """Whether the oldest card or key was delivered; None while it waits."""
        return self._delivered.popleft() if self._delivered else None

    def _submit(self, event: dict[str, Any]) -> bool:
        return bool(self._library.submit_event(event))

    def _info(self) -> dict[str, Any]:
        try:
            key: bytes | None = self._key_file.read_bytes()
        except FileNotFoundError:
            key = None
        return {
            "name": f"virtual-{self.address}",
            "address": self.address,
            "flags": 0 if key is None else osdp_sys.FLAG_ENFORCE_SECURE,
            "scbk": key,
            "channel": self,
            "version": 1,
            "model": 1,
            "vendor_code": 0x474B41,
            "serial_number": int.from_bytes(os.urandom(3), "big"),
            "firmware_version": 1,
        }
