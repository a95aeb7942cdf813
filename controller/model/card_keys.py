"""The key of one badge, which its card can prove: FeliCa Lite-S, two-key triple DES, or NTAG 424 DNA, AES."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

from controller.model.credentials import CardNumber

KEY_BYTES = 16
MOST_VERSION = 0xFFFE  # 0 is a card as sold, FFFF one whose issuing has not finished
_HALF = KEY_BYTES // 2
_NAMED, _NAME_BYTES = b"genkan card key name 1\x00", 16
# An OSDP reader's default key, publicly known: never a card's key.
_DEFAULT_READER_KEY = bytes(range(0x30, 0x40))
# DES's weak and semi-weak keys (FIPS 74): a key with one of these halves is not a secret.
_WEAK_HALVES = frozenset(
    bytes.fromhex(half)
    for half in (
        *("0101010101010101", "FEFEFEFEFEFEFEFE", "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E"),
        *("011F011F010E010E", "1F011F010E010E01", "01E001E001F101F1", "E001E001F101F101"),
        *("01FE01FE01FE01FE", "FE01FE01FE01FE01", "1FE01FE00EF10EF1", "E01FE01FF10EF10E"),
        *("1FFE1FFE0EFE0EFE", "FE1FFE1FFE0EFE0E", "E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1"),
    )
)


@dataclass(frozen=True)
class CardKey:
    """`key` is a FeliCa's CK1 then CK2 in the cipher's order, or an NTAG 424's key for SUN messages.

    `version` is the version of its master key, 1 to 65534; a FeliCa has it in CKV. `source`: the digest of
    the registry's row that holds it.
    """

    key: bytes = field(repr=False)
    version: int
    source: bytes | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if weak := weakness(self.key):
            raise ValueError(f"a card key that {weak}")
        if not 0 < self.version <= MOST_VERSION:
            raise ValueError("a key version that is not 1 to 65534")

    @property
    def name(self) -> str:
        """32 hexadecimal digits that identify the key and reveal nothing of it, its card or its holder."""
        return sha256(_NAMED + self.key).digest()[:_NAME_BYTES].hex()


@dataclass(frozen=True)
class UnusableKey:
    """The badge has a key that this door cannot use: no card can prove it, and its number is not enough."""


@dataclass(frozen=True)
class UnknownKey:
    """Whether the badge has a key is unknown at present; if it has one, its number is not enough."""


@dataclass(frozen=True)
class NoUsableKey:
    """The badge has a key, and this door can use no badge's key at all: its number is enough. `source` as of
    a CardKey.
    """

    source: bytes | None = field(default=None, compare=False, repr=False)


# None: the registry has no key for that number.
FoundKey = CardKey | UnusableKey | UnknownKey | NoUsableKey | None
FindCardKey = Callable[[str, CardNumber], FoundKey]  # arguments: the reader's name, the card it has found


def weakness(key: bytes) -> str | None:
    """Why `key` must not be used; None for a usable key. Continues "a key that …"."""
    if len(key) != KEY_BYTES:
        return f"is {len(key)} bytes long and not {KEY_BYTES}"
    if key == _DEFAULT_READER_KEY:
        return "is known to everybody"
    if all(0x20 <= byte < 0x7F for byte in key):
        return "is a text"
    # DES ignores the lowest bit of each byte, so two keys that differ only there are the same.
    first, second = _odd(key[:_HALF]), _odd(key[_HALF:])
    if first == second or any(
        half[:size] * (_HALF // size) == half for half in (first, second) for size in (1, 2, 4)
    ):
        return "repeats itself"
    if first in _WEAK_HALVES or second in _WEAK_HALVES:
        return "is weak in DES"
    if len({(b - a) % 256 for a, b in pairwise(key)}) == 1:
        return "only counts"
    return None


def _odd(half: bytes) -> bytes:
    """The byte with DES's odd parity in place of its own."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in half)
