"""The station's output file: one JSON line for each issued card, to import on the page.

A line has the card's number unencrypted and its key wrapped to one door; the station signs the line. The file
only grows; of two lines for the same card and version the later one counts.
"""

import base64
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from controller.durable import sync_folder
from controller.errors import InstallerError
from controller.issuing.byte_order import as_utf8, is_wide
from controller.issuing.chips import NTAG_424
from controller.issuing.signing import PUBLIC_BYTES, SIGNATURE_BYTES, StationKey, is_signed
from controller.issuing.wrapping import WRAPPED_BYTES
from controller.model.card_keys import MOST_VERSION
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.import_codes import ImportCode

FORMAT = "genkan-card-key/2"
_UNSIGNED = "genkan-card-key/1"
LONGEST_LINE = 1024
LARGEST = 8_000_000
_FIELDS = {
    *("format", "card", "key_version", "chip", "bought", "door", "wrapped"),
    *("station", "signature", "check"),
}
_YEARS = range(2000, 3000)


class BadLine(ValueError):
    """A line that cannot be imported, as a code."""

    def __init__(self, code: ImportCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True)
class IssuedKey:
    """The key of one card, wrapped to one door.

    `chip`: ROM and IC type of a FeliCa card's PMm, four hex digits, or NTAG_424. `bought`: the year of
    purchase, if known. `door`: the id of the public key that the card's key is wrapped to. `station`: the
    public key of the signing station. The number's kind tells FeliCa Lite-S from NTAG 424 DNA.
    """

    number: CardNumber
    version: int
    chip: str
    bought: int | None
    door: str
    wrapped: bytes = field(repr=False)
    station: str = ""
    signature: bytes = field(repr=False, default=b"")

    def signed(self, by: StationKey) -> "IssuedKey":
        named = replace(self, station=by.public)
        return replace(named, signature=by.sign(_encoded(named._signed_fields)))

    @property
    def is_signed(self) -> bool:
        return is_signed(self.station, _encoded(self._signed_fields), self.signature)

    @property
    def line(self) -> bytes:
        values = self._signed_fields | {"signature": base64.b64encode(self.signature).decode("ascii")}
        return _encoded(values | {"check": _check(values)})

    @property
    def _signed_fields(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "card": f"{self.number.kind.value}:{self.number.hex}",
            "key_version": self.version,
            "chip": self.chip,
            "bought": self.bought,
            "door": self.door,
            "wrapped": base64.b64encode(self.wrapped).decode("ascii"),
            "station": self.station,
        }


def lines_of(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with their numbers, from 1; skip empty lines."""
    for number, line in enumerate(as_utf8(content).split(b"\n"), start=1):
        if line.strip():
            yield number, line.rstrip(b"\r")


def parse(line: bytes) -> IssuedKey:
    """Raise BadLine, which never quotes the line."""
    damaged, foreign = BadLine(ImportCode.LINE_DAMAGED), BadLine(ImportCode.LINE_FOREIGN)
    if line.startswith(b'"{'):
        raise BadLine(ImportCode.LINE_QUOTED)
    if line and not line.startswith(b"{"):
        raise foreign
    if len(line) > LONGEST_LINE:
        raise damaged
    try:
        values = json.loads(line.decode("ascii"))
        format_ = values.get("format")
    except (ValueError, RecursionError, AttributeError):
        raise damaged from None
    if format_ == _UNSIGNED:
        raise BadLine(ImportCode.LINE_UNSIGNED)
    if format_ != FORMAT:
        raise foreign
    try:
        check = values.pop("check")
        if set(values) | {"check"} != _FIELDS or check != _check(values):
            raise damaged
        issued = _issued(values)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged from None
    if not issued.is_signed:
        raise BadLine(ImportCode.LINE_CHANGED)
    return issued


def _issued(values: dict[str, object]) -> IssuedKey:
    kind, _, text = str(values["card"]).partition(":")
    number = CardNumber.parse(text, CredentialKind(kind))
    version, bought, chip, door = values["key_version"], values["bought"], values["chip"], values["door"]
    wrapped = base64.b64decode(str(values["wrapped"]), validate=True)
    station, signature = values["station"], base64.b64decode(str(values["signature"]), validate=True)
    if (
        type(version) is not int
        or not 1 <= version <= MOST_VERSION
        or (bought is not None and (type(bought) is not int or bought not in _YEARS))
        or not _is_hex(chip, 4)
        or not _is_hex(door, 16)
        or not _is_hex(station, 2 * PUBLIC_BYTES)
        or len(wrapped) != WRAPPED_BYTES
        or not _may_have(number, str(chip))
        or len(signature) != SIGNATURE_BYTES
    ):
        raise ValueError
    return IssuedKey(
        number=number,
        version=version,
        chip=str(chip),
        bought=bought,
        door=str(door),
        wrapped=wrapped,
        station=str(station),
        signature=signature,
    )


def check_appendable(file: Path) -> None:
    """Raise InstallerError if no line can be appended, or if the file has lines from another program.

    Call this before changing a card. It does not create a missing file.
    """
    try:
        there = _stat(file)
        if there is not None and (not stat.S_ISREG(there.st_mode) or there.st_size > LARGEST):
            raise InstallerError(f"{file} is not a file of an issuing station; give another --out.")
        with _opened_alone(file) as opened:
            content = opened.read()
            _try_room_for_a_line(opened.fileno(), len(content))
            if there is None and not content:
                file.unlink(missing_ok=True)
    except OSError as error:
        raise InstallerError(f"{file} cannot be written ({error.strerror}); give another --out.") from error
    if is_wide(content):
        raise InstallerError(f"{file} was saved as UTF-16; give another --out, and import this one as it is.")
    wrong = {_wrong_with(line) for _, line in lines_of(content)} - {None, ImportCode.LINE_DAMAGED}
    if wrong == {ImportCode.LINE_UNSIGNED}:
        raise InstallerError(f"{file} has lines from an earlier Genkan; give another --out.")
    if wrong:
        raise InstallerError(f"{file} has lines that no issuing station wrote; give another --out.")


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def _opened_alone(file: Path) -> BinaryIO:
    """Open the file with an exclusive lock against other station processes. Raise OSError."""
    while True:
        opened = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            now = _stat(file)
        except OSError:
            opened.close()
            raise
        if now is not None and os.path.samestat(os.fstat(opened.fileno()), now):
            return opened
        opened.close()  # the process that held the lock deleted the empty file


def _try_room_for_a_line(descriptor: int, size: int) -> None:
    """Write and remove spaces. Readers skip spaces, so a kill in between does no harm."""
    try:
        os.pwrite(descriptor, b" " * LONGEST_LINE, size)
        os.fsync(descriptor)
    finally:
        os.ftruncate(descriptor, size)


def _may_have(number: CardNumber, chip: str) -> bool:
    """Check that number and chip fit: a FeliCa's IDm, or an NTAG 424 DNA's UID of seven bytes."""
    if number.kind is CredentialKind.FELICA:
        return chip != NTAG_424
    return number.kind is CredentialKind.TYPE_A and len(number.hex) == 14 and chip == NTAG_424


_CARD_HAS_IT = "the card has its key already: give another --out and issue it again."


def append(file: Path, issued: IssuedKey, what_to_do: str = _CARD_HAS_IT) -> bool:
    """Append a durable line. Return True if an incomplete line of a killed station was removed.

    Raise InstallerError, whose text ends with `what_to_do`.
    """
    try:
        with _opened_alone(file) as opened:
            content = opened.read()
            kept, is_cut_short = _kept(content)
            opened.truncate(kept)
            opened.seek(kept)
            ends = not kept or content[kept - 1 : kept] == b"\n"
            opened.write((b"" if ends else b"\n") + issued.line + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        if not content:
            sync_folder(file.absolute().parent)
    except OSError as error:
        raise InstallerError(
            f"{error.filename or file} cannot be written ({error.strerror}); {what_to_do}"
        ) from error
    return is_cut_short


def _kept(content: bytes) -> tuple[int, bool]:
    """Return how many bytes to keep, and whether that removes an incomplete last line.

    Keep a line that lacks only its newline; spaces after it are from a killed `check_appendable`.
    """
    whole = content.rfind(b"\n") + 1
    last = as_utf8(content[whole:]).strip()
    if not last:
        return whole, False
    if _wrong_with(last) is ImportCode.LINE_DAMAGED:
        return whole, True
    return len(content.rstrip()), False


def _wrong_with(line: bytes) -> ImportCode | None:
    try:
        parse(line)
    except BadLine as error:
        return error.code
    return None


def _is_hex(value: object, digits: int) -> bool:
    return isinstance(value, str) and len(value) == digits and all(c in "0123456789abcdef" for c in value)


def _check(values: dict[str, object]) -> str:
    """Detects damage on the way; the signature detects changes by a person."""
    return sha256(_encoded(values)).hexdigest()[:16]


def _encoded(values: dict[str, object]) -> bytes:
    return json.dumps(values, separators=(",", ":"), sort_keys=True).encode("ascii")
