"""Digits of a reader's keypad, key by key: `#` sends them off, `*` clears them, and so does a pause.

Pure: time is an argument. What was keyed in is nowhere but here, and only until it is sent off.
"""

PAUSE_MS = 10_000  # between two keys
MOST_DIGITS = 16
_DIGITS = b"0123456789"
_SEND, _CLEAR = b"\r#", b"\x7f*"  # as OSDP has the two keys, and as some readers say them


class Keypad:
    def __init__(self) -> None:
        self._keyed = b""
        self._last_ms = 0

    def press(self, keys: bytes, now_ms: int) -> list[str]:
        """What was sent off by these keys; keys that mean nothing to us are passed over."""
        if now_ms - self._last_ms > PAUSE_MS:
            self.clear()
        self._last_ms = now_ms
        sent = []
        for key in keys:
            if key in _SEND:
                if 0 < len(self._keyed) <= MOST_DIGITS:
                    sent.append(self._keyed.decode("ascii"))
                self.clear()
            elif key in _CLEAR:
                self.clear()
            elif key in _DIGITS and len(self._keyed) <= MOST_DIGITS:  # one too many stays one too many
                self._keyed += bytes((key,))
        return sent

    def clear(self) -> None:
        self._keyed = b""
