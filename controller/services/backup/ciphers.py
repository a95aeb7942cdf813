"""age, the file encryption of backups: to recipients, or with a passphrase.

With a passphrase, age keeps the whole file in memory. To avoid that, each backup gets a new key: FILE is then
a tar of `identity.age` (that key, encrypted with the passphrase) and `content.age` (encrypted to that key).
The age tool opens it in two steps.
"""

import io
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyrage

from controller.errors import InstallerError
from controller.issuing import age_passphrase
from controller.services.operators.passwords import SHORTEST

AGE = b"age-encryption.org/v1\n"
_BY_PASSPHRASE = b"-> scrypt "
IDENTITY, CONTENT = "identity.age", "content.age"
_SMALL = 1 << 20
_TOO_MUCH = "xcessive work"  # age refuses a passphrase from a machine sixteen times faster; we take the time


class Reader(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Cipher:
    """Encrypts to the recipients, or with the passphrase if there are none."""

    recipients: tuple["pyrage.x25519.Recipient", ...]
    passphrase: str = ""

    @property
    def name(self) -> str:
        return f"{len(self.recipients)} recipients" if self.recipients else "passphrase"

    def encrypt_small(self, content: bytes) -> bytes:
        if self.recipients:
            return bytes(pyrage.encrypt(content, list(self.recipients)))
        return bytes(pyrage.passphrase.encrypt(content, self.passphrase))

    def encrypt(self, content: Reader, target: BinaryIO) -> None:
        """Encrypt in constant memory. Propagate errors of both streams; `target` must be seekable."""
        if self.recipients:
            _encrypt(content, target, list(self.recipients))
            return
        identity = pyrage.x25519.Identity.generate()
        sealed = pyrage.passphrase.encrypt(f"{identity}\n".encode(), self.passphrase)
        target.write(_header(IDENTITY, len(sealed)) + sealed + _padding(len(sealed)))
        begin = target.tell()
        target.write(bytes(tarfile.BLOCKSIZE))
        _encrypt(content, target, [identity.to_public()])
        size = target.tell() - begin - tarfile.BLOCKSIZE
        target.write(_padding(size) + bytes(2 * tarfile.BLOCKSIZE))
        target.seek(begin)
        target.write(_header(CONTENT, size))


@dataclass(frozen=True)
class Decipher:
    """Decrypts with the identities, or with the passphrase if there are none."""

    identities: tuple["pyrage.x25519.Identity", ...]
    passphrase: str = ""
    report: Callable[[str], None] = lambda sentence: None  # shows a person how long it may take
    report_from: timedelta = timedelta(seconds=5)  # an opening of this length is worth a sentence

    def decrypt_small(self, file: Path) -> bytes:
        with file.open("rb") as source:
            content = source.read(_SMALL)
        if not content.startswith(AGE):
            raise _other(file)
        if content.startswith(AGE + _BY_PASSPHRASE) != (not self.identities):
            raise _wrong_way(file, by_passphrase=bool(self.identities))
        return self._opened(file, content)

    def decrypt(self, file: Path, target: BinaryIO) -> None:
        """Decrypt in constant memory. After an error, do not trust what `target` contains."""
        with file.open("rb") as source:
            begin = source.read(len(AGE + _BY_PASSPHRASE))
            source.seek(0)
            if begin.startswith(AGE):
                if begin == AGE + _BY_PASSPHRASE and not self.identities:  # no backup is encrypted like this
                    raise InstallerError(
                        f"--from and --keys are swapped: {file} contains the keys; pass it as --keys."
                    )
                if not self.identities:
                    raise _wrong_way(file, by_passphrase=False)
                _decrypt(file, source, target, list(self.identities))
                return
            sealed, content = _parts(file, source)
            if self.identities:
                raise _wrong_way(file, by_passphrase=True)
            identity = pyrage.x25519.Identity.from_str(self._opened(file, sealed).decode().strip())
            _decrypt(file, content, target, [identity])
            end = _padding(content.size) + bytes(2 * tarfile.BLOCKSIZE)
            if source.read(len(end) + 1) != end:
                raise _damaged(file)

    def _opened(self, file: Path, content: bytes) -> bytes:
        try:
            if self.identities:
                return bytes(pyrage.decrypt(content, list(self.identities)))
            return bytes(pyrage.passphrase.decrypt(content, self.passphrase))
        except (pyrage.DecryptError, OSError) as error:
            if _TOO_MUCH in str(error):
                return self._opened_slowly(file, content)
            raise _refused(file, error, bool(self.identities)) from error

    def _opened_slowly(self, file: Path, content: bytes) -> bytes:
        try:
            needed = age_passphrase.needed_time(content)
            if needed > self.report_from:
                minutes = max(1, round(needed.total_seconds() / 60))
                self.report(f"{file} is from a faster machine; opening it may take about {minutes} min here.")
            return age_passphrase.decrypt(content, self.passphrase)
        except age_passphrase.CannotOpen as error:
            raise InstallerError(f"The passphrase does not open {file}: {error}.") from error


def cipher(recipients: Sequence[str], passphrase_file: Path | None) -> Cipher:
    """Use the passphrase file if there is one. Raise InstallerError for bad recipients or files."""
    if passphrase_file is not None:
        return Cipher((), _passphrase(passphrase_file))
    return Cipher(tuple(_recipient(text) for text in recipients))


def decipher(
    identity_file: Path | None,
    passphrase_file: Path | None,
    report: Callable[[str], None] = lambda sentence: None,
) -> Decipher:
    """Use the identity file if there is one. Raise InstallerError for a bad file.

    `report` shows a person how long it may take.
    """
    if identity_file is not None:
        return Decipher(_identities(identity_file))
    return Decipher((), "" if passphrase_file is None else _passphrase(passphrase_file, least=1), report)


def _recipient(text: str) -> "pyrage.x25519.Recipient":
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise InstallerError(
            f"{text} is not an age recipient ({error}); it begins with age1, see `age-keygen`."
        ) from error


def _identities(file: Path) -> tuple["pyrage.x25519.Identity", ...]:
    lines = [line.strip() for line in _text(file).splitlines()]
    try:
        found = tuple(
            pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")
        )
    except pyrage.IdentityError:
        found = ()
    if not found:
        raise InstallerError(f"{file} contains no age identity: a line that begins with AGE-SECRET-KEY-1.")
    return found


def _passphrase(file: Path, least: int = SHORTEST) -> str:
    passphrase = _text(file).rstrip("\r\n")
    if len(passphrase) < least:
        raise InstallerError(
            f"The passphrase in {file} has {len(passphrase)} characters; use at least {least}."
        )
    return passphrase


def _text(file: Path) -> str:
    try:
        with file.open("rb") as source:
            return source.read(_SMALL).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InstallerError(f"{file} cannot be read ({why}); choose another file.") from error


class _ErrorKeepingStream:
    """Keeps the error that a stream raised: pyrage replaces it by its own, without the errno."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return bytes(self._or_keep(self._stream.read, size))

    def write(self, content: bytes) -> int:
        return int(self._or_keep(self._stream.write, content))

    def flush(self) -> None:
        pass

    def _or_keep(self, act: Callable[[Any], Any], argument: Any) -> Any:
        try:
            return act(argument)
        except BaseException as error:
            self.error = error
            raise


def _encrypt(content: Reader, target: BinaryIO, recipients: list["pyrage.x25519.Recipient"]) -> None:
    kept_source, kept_target = _ErrorKeepingStream(content), _ErrorKeepingStream(target)
    try:
        pyrage.encrypt_io(kept_source, kept_target, recipients)
    except (pyrage.EncryptError, OSError):
        for stream in (kept_source, kept_target):
            if stream.error is not None:
                raise stream.error from None
        raise


def _decrypt(
    file: Path, source: Reader, target: BinaryIO, identities: list["pyrage.x25519.Identity"]
) -> None:
    kept_source, kept_target = _ErrorKeepingStream(source), _ErrorKeepingStream(target)
    try:
        pyrage.decrypt_io(kept_source, kept_target, identities)
    except (pyrage.DecryptError, OSError) as error:
        for stream in (kept_source, kept_target):
            if stream.error is not None:
                raise stream.error from None
        raise _refused(file, error, True) from error


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


class _Slice:
    """The next `size` bytes of a file."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source = source
        self.size = self._left = size

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece


def _parts(file: Path, source: BinaryIO) -> tuple[bytes, _Slice]:
    sealed = _part(file, source, IDENTITY)
    content = sealed.read(_SMALL)
    source.seek(len(_padding(len(content))), io.SEEK_CUR)
    return content, _part(file, source, CONTENT)


def _part(file: Path, source: BinaryIO, name: str) -> _Slice:
    try:
        info = tarfile.TarInfo.frombuf(source.read(tarfile.BLOCKSIZE), "utf-8", "strict")
    except tarfile.HeaderError as error:
        raise (_other(file) if name == IDENTITY else _damaged(file)) from error
    if info.name != name:
        raise _other(file)
    return _Slice(source, info.size)


def _other(file: Path) -> InstallerError:
    return InstallerError(f"{file} is not a Genkan backup; use the file that `genkan backup` wrote.")


def _damaged(file: Path) -> InstallerError:
    return InstallerError(f"{file} is damaged or cut short; use another copy of the backup.")


def _wrong_way(file: Path, by_passphrase: bool) -> InstallerError:
    if by_passphrase:
        return InstallerError(
            f"{file} is encrypted with a passphrase; use --passphrase-file, not --identity."
        )
    return InstallerError(f"{file} is encrypted to recipients; use --identity, not --passphrase-file.")


def _refused(file: Path, error: Exception, by_identity: bool) -> InstallerError:
    message = str(error)
    if "No matching keys" in message:
        return InstallerError(
            f"{file} is encrypted to another recipient; use the identity that belongs to it."
        )
    if "Decryption failed" in message and not by_identity:
        return InstallerError(f"The passphrase does not open {file}; use the one from the backup.")
    return _damaged(file)
