"""Random challenges for libosdp.

libosdp draws its challenges with the C library's rand() and never seeds it: each start would repeat the
challenges of the start before, and an attacker could replay a recorded session. So we fill the state of
rand() from the operating system before every challenge.
"""

import ctypes
import os

_STATE_BYTES = 128
_TYPE_BYTES = 4  # the first word identifies the generator


class ChallengeSource:
    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)
        self._state = ctypes.create_string_buffer(_STATE_BYTES)
        self._libc.initstate.restype = ctypes.c_void_p
        self._libc.initstate(ctypes.c_uint(1), self._state, ctypes.c_size_t(_STATE_BYTES))

    def refill(self) -> None:
        """Call it only in the thread that calls the library."""
        rest = _STATE_BYTES - _TYPE_BYTES
        ctypes.memmove(ctypes.addressof(self._state) + _TYPE_BYTES, os.urandom(rest), rest)
