"""What we need from hardware, named by ability. Drivers satisfy these; the runtime knows nothing else."""

from collections.abc import Callable
from typing import Protocol

from controller.model.actions import Indication
from controller.model.signals import ContactSignal, ReaderSignal


class PinLock(Protocol):
    """The strike or magnet on one door. Release lets people through, whatever the relay does."""

    def release(self) -> None: ...

    def secure(self) -> None: ...

    def close(self) -> None:
        """Give the pin back; afterwards wiring alone holds the safe state."""


class Lock(PinLock, Protocol):
    """One that keeps an eye on its time, whatever becomes of those who drive it."""

    def allow_until(self, at_ms: int | None) -> None:
        """When it must be secured at the latest, by the clock that nobody can set. None: as long as fire, an
        unlocked mode or the exit button keeps it released."""


class Contact(Protocol):
    """A two-state input: door contact, request to exit, fire; its driver queues the changes."""

    @property
    def is_active(self) -> bool: ...

    def close(self) -> None: ...


class CredentialReader(Protocol):
    """Takes credentials. Signals arrive on the reader's own thread; they may only be queued there."""

    name: str

    def start(self, listener: Callable[[ReaderSignal], None]) -> None: ...

    def show(self, indication: Indication) -> None:
        """Never blocks; a reader without lights ignores it."""

    def stop(self) -> None: ...


ContactListener = Callable[[ContactSignal], None]
