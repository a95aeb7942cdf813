"""What we need from hardware, named by ability. Drivers satisfy these; the runtime knows nothing else."""

from collections.abc import Callable
from typing import Protocol

from controller.model.actions import Indication
from controller.model.signals import ContactSignal, ReaderSignal


class Lock(Protocol):
    """The strike or magnet on one door. Release lets people through, whatever the relay does."""

    def release(self) -> None: ...

    def secure(self) -> None: ...

    def close(self) -> None:
        """Give the pin back; afterwards wiring alone holds the safe state."""


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
