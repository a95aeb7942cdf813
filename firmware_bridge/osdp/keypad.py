"""Digits of a reader's keypad, key by key: `#` ends the entry, `*` clears it, and so does a pause.

Pure: time is an argument. The digits are kept only here, and only until the entry ends.
"""

PAUSE_MS = 10_000  # between two keys
MOST_DIGITS = 16
_DIGITS = b"0123456789"
_SEND, _CLEAR = b"\r#", b"\x7f*"  # the two keys as OSDP codes them, and as some readers send them


class Keypad:
    def __init__(self) -> None:
        self._keyed = b""
        self._last_ms = 0

    def press(self, keys: bytes, now_ms: int) -> list[str]:
        """Return the entries that these keys end; ignore unknown keys."""
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
            elif (
                key in _DIGITS and len(self._keyed) <= MOST_DIGITS
            ):  # keep one digit too many, so that the entry stays invalid
                self._keyed += bytes((key,))
        return sent

    def clear(self) -> None:
        self._keyed = b""
