"""Gives a FeliCa Lite-S card the station's key for it, whatever state the card is in.

`prepare` writes everything but the key version, `finish` that. In between comes the line of the output file,
so that a card that says which key it has, has its line. From the first write to the last the card says in
the block CKV, which anybody can read, that its issuing has not ended (HALF_ISSUED), and a reader that looks
there lets no such card in. Each step can be the last one before the card is pulled away or the station dies:
the same call then finds out where the card stands and goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from controller.errors import InstallerError, TechnicianError
from controller.issuing.chips import chip_code
from controller.issuing.station import Station
from controller.model.credentials import CardNumber, CredentialKind
from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.lite_s import CardSilent, CardTrouble, CardWrong, LiteSCard
from firmware_bridge.nfc.lite_s_blocks import (
    BLOCK_BYTES,
    CK,
    CKV,
    HALF_ISSUED,
    ID,
    MC,
    MC_KEY_BY_MAC,
    MC_PAD_WRITABLE,
    MC_RF,
    MC_STATE_BY_MAC,
    MC_SYSTEM_WRITABLE,
    WCNT,
)
from firmware_bridge.nfc.prove import prove

_WRITABLE, _LOCKED = 0xFF, 0x00
_CONFIGURATION_WRITABLE = 0x80  # of the second byte of MC_PAD_WRITABLE


class CardLeft(TechnicianError):
    """Pulled away, or silent: whatever was written, it can be gone on with."""


class CardRefused(InstallerError):
    """This card cannot be given a key; nothing was changed on it."""


@dataclass(frozen=True)
class CardState:
    """How a card stands. `key_version` is what it says itself; `proved` the version whose key it proved."""

    number: CardNumber
    chip: str
    locked: bool
    key_version: int
    proved: int | None

    @property
    def is_whole(self) -> bool:
        return self.locked and self.proved is not None and self.proved == self.key_version

    @property
    def is_as_sold(self) -> bool:
        return not self.locked and self.proved is None and self.key_version == 0


def read_state(card: LiteSCard, station: Station) -> CardState:
    """Look, change nothing. Raises CardLeft or CardRefused."""
    number = _number_of(card)
    try:
        return _read_state(card, station, number)
    except CardSilent as error:
        raise _card_left() from error
    except CardTrouble as error:
        raise CardRefused(
            f"The card …{number.last_four} answers nonsense ({error}); use another card."
        ) from error


def prepare(card: LiteSCard, station: Station, version: int | None = None) -> CardState:
    """The card as it is afterwards: locked, and proved to hold the key of `version` (the newest master's).

    It says still that it is half issued, unless it was whole before: then nothing is written. Raises CardLeft
    (put it back and call again) or CardRefused.
    """
    version = station.newest if version is None else version
    found = read_state(card, station)
    key = station.card_key(card.idm, version)
    key_version = HALF_ISSUED
    with _translate_card_errors(found.number):
        if not found.locked:
            _first_issue(card, key)
        elif found.proved is None:
            raise CardRefused(
                f"The card …{found.number.last_four} is locked with a key that is none of this station's; it "
                "can never be given another, use a new card."
            )
        elif found.proved != version:
            _change_key(card, station.card_key(card.idm, found.proved), key)
        else:
            key_version = found.key_version
        prove(card, key, key_version)
    return CardState(found.number, found.chip, True, key_version, version)


def finish(card: LiteSCard, station: Station, prepared: CardState) -> CardState:
    """Whole: it says which key it has. The last step of all; the line is written before. Raises as above."""
    if prepared.is_whole or prepared.proved is None:
        return prepared
    version, key = prepared.proved, station.card_key(card.idm, prepared.proved)
    with _translate_card_errors(prepared.number):
        _write_version(card, key, version)
        prove(card, key, version)
    return replace(prepared, key_version=version)


@contextmanager
def _translate_card_errors(number: CardNumber) -> Iterator[None]:
    try:
        yield
    except CardSilent as error:
        raise _card_left() from error
    except CardTrouble as error:
        raise CardRefused(
            f"The card …{number.last_four} did not take its key ({error}); run this again, and if "
            "it is said again, use another card."
        ) from error


def _number_of(card: LiteSCard) -> CardNumber:
    number = CardNumber(CredentialKind.FELICA, card.idm.hex().upper())
    if not card.is_lite_s:
        raise CardRefused(
            f"The card …{number.last_four} is no FeliCa Lite-S and cannot hold such a key; use one that is."
        )
    if number.is_random:
        raise CardRefused("This is a phone, or a card whose number changes at every tap; use another.")
    return number


def _read_state(card: LiteSCard, station: Station, number: CardNumber) -> CardState:
    identity, version, configuration = card.read(ID, CKV, MC)
    if identity[:8] != card.idm:
        raise CardWrong("its ID block is another card's")
    locked = configuration[MC_SYSTEM_WRITABLE] != _WRITABLE
    if locked and (configuration[MC_STATE_BY_MAC], configuration[MC_KEY_BY_MAC]) != (1, 1):
        raise CardRefused(
            f"The card …{number.last_four} was locked by somebody else in a way that cannot be changed; use "
            "a new card."
        )
    proved = next((v for v in station.versions if _holds(card, station.card_key(card.idm, v))), None)
    return CardState(number, chip_code(card.pmm), locked, int.from_bytes(version[:2], "little"), proved)


def _holds(card: LiteSCard, key: bytes) -> bool:
    card.challenge(key)
    try:
        return card.read_with_mac(ID)[0][:8] == card.idm
    except CardWrong:
        return False


def _first_issue(card: LiteSCard, key: bytes) -> None:
    """The lock last: up to there everything can be written again."""
    card.write(CKV, _version_block(HALF_ISSUED))
    card.write(CK, lite_s_mac.key_block(key))
    if not _holds(card, key):
        raise CardWrong("it does not prove the key just written")
    (configuration,) = card.read(MC)
    wanted = _configured(configuration)
    card.write(MC, wanted)
    if card.read(MC) != [wanted]:
        raise CardWrong("its memory configuration is another than the one just written")


def _configured(found: bytes) -> bytes:
    """Blocks of the user stay as they are. Everything else is locked, but for a change of key by its MAC."""
    wanted = bytearray(found)
    wanted[MC_PAD_WRITABLE + 1] &= ~_CONFIGURATION_WRITABLE & 0xFF
    wanted[MC_SYSTEM_WRITABLE] = _LOCKED
    wanted[MC_RF] = 7
    wanted[MC_KEY_BY_MAC] = wanted[MC_STATE_BY_MAC] = 1
    return bytes(wanted)


def _change_key(card: LiteSCard, held: bytes, key: bytes) -> None:
    """In between, no door takes the card, and `find` knows it by its key."""
    _write_version(card, held, HALF_ISSUED)
    card.write_with_mac(CK, lite_s_mac.key_block(key), _write_count(card))


def _write_version(card: LiteSCard, held: bytes, version: int) -> None:
    card.challenge(held)
    card.write_with_mac(CKV, _version_block(version), _write_count(card))


def _write_count(card: LiteSCard) -> int:
    return int.from_bytes(card.read_with_mac(WCNT)[0][:3], "little")


def _version_block(version: int) -> bytes:
    return version.to_bytes(2, "little").ljust(BLOCK_BYTES, b"\0")


def _card_left() -> CardLeft:
    return CardLeft("The card left the reader before it was done; put it back and run this again.")
