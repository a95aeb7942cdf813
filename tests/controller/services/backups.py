"""Backups for tests: an age identity, and what is in a backup."""

import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from controller.services.backup.ciphers import Cipher, Decipher, cipher, decipher


@dataclass(frozen=True)
class Keyring:
    """A recipient of backups."""

    identity: "pyrage.x25519.Identity" = field(default_factory=pyrage.x25519.Identity.generate)

    @property
    def recipient(self) -> str:
        return str(self.identity.to_public())

    def file(self, folder: Path) -> Path:
        """As `age-keygen` writes it."""
        file = folder / "identity.txt"
        file.write_text(f"# created: 2026-11-24\n# public key: {self.recipient}\n{self.identity}\n")
        return file

    def cipher(self) -> Cipher:
        return cipher([self.recipient], None)

    def decipher(self, folder: Path) -> Decipher:
        return decipher(self.file(folder), None)


def inside(file: Path, opened: Decipher) -> dict[str, bytes]:
    """The members of a backup, decrypted."""
    target = io.BytesIO()
    opened.decrypt(file, target)
    return members(target.getvalue())


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = {info.name: tar.extractfile(info) for info in tar}
        return {name: content.read() for name, content in found.items() if content is not None}
