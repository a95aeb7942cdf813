"""A lock on the relay inside a reader, released over the reader's line. Fail-secure, and `lock_reader` only.

The release is a loan of seconds that the reader's bridge renews (firmware_bridge/osdp/relay.py): any failure
on the way secures the lock. So the way out must not need this lock released.
"""

from collections.abc import Callable


class ReaderLock:
    """`switch` sends the relay's state to the reader's bridge; it never waits."""

    def __init__(self, switch: Callable[[bool], None], released: bool = False) -> None:
        """`released` during a fire."""
        self._switch = switch
        switch(released)

    def release(self) -> None:
        self._switch(True)

    def secure(self) -> None:
        self._switch(False)

    def close(self) -> None:
        """Nothing to free; the relay drops when the loan is not renewed."""
