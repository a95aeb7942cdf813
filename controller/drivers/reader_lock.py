"""A lock on the relay inside a reader, released over the reader's line. Fail-secure, and `lock_reader` only.

What the reader holds is a loan of seconds that its bridge renews (firmware_bridge/osdp/relay.py): whatever
fails on the way, the lock secures. So the way out must be one that needs no lock released.
"""

from collections.abc import Callable


class ReaderLock:
    """`switch` says to the reader's bridge what its relay should do; it never waits."""

    def __init__(self, switch: Callable[[bool], None], released: bool = False) -> None:
        """`released` while a fire lasts."""
        self._switch = switch
        switch(released)

    def release(self) -> None:
        self._switch(True)

    def secure(self) -> None:
        self._switch(False)

    def close(self) -> None:
        """Nothing is held here; the relay lets go when nobody renews the loan."""
