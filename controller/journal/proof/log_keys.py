"""The private halves of the log's keys, one file each; anyone who has one can sign in the door's name.

`keys/door/log-<number>-<key id>.key` holds 32 raw bytes. The door overwrites and deletes a key that is no
longer in force. Flash memory may keep the overwritten block until it erases it; no program can prevent that.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from controller.durable import sync_folder
from controller.errors import CannotSeal
from controller.journal.proof.note import VerifierKey, public_of

SEED_BYTES = 32
_NAME = re.compile(r"log-(\d{1,9})-([0-9a-f]{8})\.key")
T = TypeVar("T")


class KeyGone(Exception):
    """The file is missing or does not hold this key."""


class KeyFile(NamedTuple):
    number: int
    id: str

    @property
    def name(self) -> str:
        return f"log-{self.number}-{self.id}.key"


class LogKeyFiles:
    """Any method may raise CannotSeal, with one sentence, if the folder is unusable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def present(self) -> list[KeyFile]:
        names = self._translate_errors(lambda: [file.name for file in self._folder.iterdir()])
        found = [_NAME.fullmatch(name) for name in names]
        return sorted(KeyFile(int(match[1]), match[2]) for match in found if match)

    def create(self, origin: str, number: int) -> VerifierKey:
        """Create a key durably; it has no effect until its public half is recorded."""
        seed = os.urandom(SEED_BYTES)
        key = VerifierKey(origin, _public_of(seed))
        self._translate_errors(lambda: self._write(KeyFile(number, key.id.hex()).name, seed))
        return key

    def seed(self, number: int, key: VerifierKey) -> bytes:
        """Return the private key; raise KeyGone if the file does not hold it."""
        file = self._folder / KeyFile(number, key.id.hex()).name
        try:
            seed = self._translate_errors(file.read_bytes)
        except FileNotFoundError:
            raise KeyGone(file.name) from None
        if len(seed) != SEED_BYTES or _public_of(seed) != key.public:
            raise KeyGone(file.name)
        return seed

    def destroy(self, file: KeyFile) -> None:
        """Overwrite and delete the file, also one that a power cut left half destroyed."""

        def overwrite_and_remove() -> None:
            path = self._folder / file.name
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(descriptor, bytes(SEED_BYTES))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.unlink()
            sync_folder(self._folder)

        try:
            self._translate_errors(overwrite_and_remove)
        except FileNotFoundError:
            pass

    def _write(self, name: str, seed: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(self._folder / name, flags, 0o600)
        try:
            os.write(descriptor, seed)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self._folder)

    def _translate_errors(self, act: Callable[[], T]) -> T:
        """Let FileNotFoundError of a file pass; turn any other error into CannotSeal."""
        try:
            return act()
        except OSError as error:
            if isinstance(error, FileNotFoundError) and self._folder.is_dir():
                raise
            raise CannotSeal(
                f"{self._folder}: the log's keys cannot be used ({error.strerror}); the log is not signed "
                "until the folder's owner, permissions and disk are in order."
            ) from error


def _public_of(seed: bytes) -> bytes:
    try:
        return public_of(seed)
    except ImportError as error:
        raise CannotSeal(
            f"The log is not signed: the Python package cryptography cannot be used ({error}); install it."
        ) from error
