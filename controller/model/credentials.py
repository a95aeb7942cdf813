"""Cardholders and their credentials (badge is the word on screen)."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class CredentialKind(StrEnum):
    """The card's family; part of its identity."""

    FELICA = "felica"  # 8-byte IDm
    TYPE_A = "type_a"  # ISO 14443-3 UID of 4, 7 or 10 bytes
    WIEGAND = "wiegand"  # 26 to 128 bits as an OSDP reader gives them: a byte with their count, then the bits


class CredentialStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LOST = "lost"


class CardholderStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Assurance(IntEnum):
    """How strongly the card proved that it is the badge."""

    NUMBER_ONLY = 0
    CLEAR_PASSWORD = 1
    CARD_KEY = 2
    MUTUAL_AES = 3


_LENGTHS = {
    CredentialKind.FELICA: (8,),
    CredentialKind.TYPE_A: (4, 7, 10),
    CredentialKind.WIEGAND: tuple(range(5, 18)),
}


@dataclass(frozen=True)
class CardNumber:
    """A card's number as upper-case hex text, never an int: leading zeros are part of it.

    Its repr shows the last four digits only, so that no log or traceback has the whole number.
    """

    kind: CredentialKind
    hex: str

    @classmethod
    def parse(cls, text: str, kind: CredentialKind | None = None) -> "CardNumber":
        """Raise ValueError unless `text` is hex of a length the kind has; spaces, : and - are allowed."""
        cleaned = unicodedata.normalize("NFKC", text).translate({ord(c): None for c in " :-"}).upper()
        if not cleaned or any(c not in "0123456789ABCDEF" for c in cleaned) or len(cleaned) % 2:
            raise ValueError("not hexadecimal")
        size = len(cleaned) // 2
        if kind is None:
            kind = next((k for k, sizes in _LENGTHS.items() if size in sizes), CredentialKind.TYPE_A)
        if size not in _LENGTHS[kind]:
            raise ValueError("wrong length")
        if kind is CredentialKind.WIEGAND and not _is_counted(bytes.fromhex(cleaned)):
            raise ValueError("bits and their count disagree")
        return cls(kind, cleaned)

    @classmethod
    def of_bits(cls, text: str, bits: int) -> "CardNumber":
        """A number as OSDP readers give it: `text` is its value in hexadecimal, with or without the count.

        Raise ValueError for what is not hexadecimal, or does not fit into `bits`.
        """
        cleaned = unicodedata.normalize("NFKC", text).translate({ord(c): None for c in " :-"}).upper()
        if not cleaned or any(c not in "0123456789ABCDEF" for c in cleaned):
            raise ValueError("not hexadecimal")
        counted = f"{bits:02X}"
        digits = 2 * ((bits + 7) // 8)
        if len(cleaned) == 2 + digits and cleaned.startswith(counted):
            return cls.parse(cleaned, CredentialKind.WIEGAND)
        return cls.parse(counted + f"{int(cleaned, 16):0{digits}X}", CredentialKind.WIEGAND)

    @property
    def last_four(self) -> str:
        return self.hex[-4:]

    @property
    def is_random(self) -> bool:
        """A phone's number, new at every tap.

        A 4-byte UID starting 08 (ISO 14443-3), or an NFCID2 starting 01FE (NFC Forum, NFC-DEP).
        """
        if self.kind is CredentialKind.FELICA:
            return self.hex.startswith("01FE")
        if self.kind is CredentialKind.WIEGAND:  # the reader's maker defines the meaning of the bits
            return False
        return len(self.hex) == 8 and self.hex.startswith("08")

    def hash_input(self) -> bytes:
        """kind ‖ bytes, so that a tap, an import and an unknown card have the same hash."""
        return self.kind.value.encode("ascii") + b"\x00" + bytes.fromhex(self.hex)

    def __repr__(self) -> str:
        return f"CardNumber({self.kind.value}, …{self.last_four})"


def _is_counted(number: bytes) -> bool:
    bits, value = number[0], int.from_bytes(number[1:], "big")
    return 26 <= bits <= 128 and len(number) == 1 + (bits + 7) // 8 and value < 1 << bits


@dataclass(frozen=True)
class Cardholder:
    """`id` is a random reference; the name is never part of a record in the log.

    `category` is one of the rule book's. `qualifications` are (name, last valid day). `overrides`: may enter
    in a lockdown and at a locked door. `more_time`: the held-open warning comes later for this person.
    """

    id: str
    name: str
    status: CardholderStatus
    category: str | None = None
    qualifications: tuple[tuple[str, date], ...] = ()
    overrides: bool = False
    more_time: bool = False


@dataclass(frozen=True)
class Credential:
    """Valid from `valid_from` (inclusive) until `valid_until` (exclusive); None means unlimited."""

    id: str
    status: CredentialStatus
    last_four: str
    valid_from: datetime | None
    valid_until: datetime | None
    assurance: Assurance = Assurance.NUMBER_ONLY
