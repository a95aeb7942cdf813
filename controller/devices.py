"""The abilities we need from hardware. Drivers provide them; the runtime knows nothing else."""

from collections.abc import Callable
from typing import Protocol

from controller.model.actions import Indication
from controller.model.signals import ContactSignal, ReaderSignal


class PinLock(Protocol):
    """The strike or magnet on one door. A released door lets people through, at either level of the relay."""

    def release(self) -> None: ...

    def secure(self) -> None: ...

    def close(self) -> None:
        """Free the pin; afterwards the wiring alone holds the safe state."""


class Lock(PinLock, Protocol):
    """A lock that limits its own release time, even if its caller hangs or dies."""

    def allow_until(self, at_ms: int | None) -> None:
        """Secure at `at_ms` at the latest, by the clock that can't be set. None: no limit, while fire, an
        unlocked mode or the exit button keeps the lock released.
        """


class Contact(Protocol):
    """A two-state input: door contact, request to exit, fire; its driver queues the changes."""

    @property
    def is_active(self) -> bool: ...

    def close(self) -> None: ...


class CredentialReader(Protocol):
    """Reads credentials. Signals arrive on the reader's own thread, where they may only be queued."""

    name: str

    def start(self, listener: Callable[[ReaderSignal], None]) -> None: ...

    def show(self, indication: Indication) -> None:
        """Never blocks; a reader without lights ignores it."""

    def stop(self) -> None: ...


ContactListener = Callable[[ContactSignal], None]
