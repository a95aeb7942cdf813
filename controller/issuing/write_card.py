"""Gives a FeliCa Lite-S card the station's key for it, whatever state the card is in.

A card as it was sold gets key version, key and, last, the lock; a locked one of this station gets another key
by its MAC. Each step can be the last one before the card is pulled away or the station dies: the same call
then finds out where the card stands and goes on. Until the whole is done and proved no door admits the card,
because no line of it is written before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
class Found:
    """How a card stands. `key_version` is what it says itself; `proved` the version whose key it proved."""

    number: CardNumber
    chip: str
    locked: bool
    key_version: int
    proved: int | None

    @property
    def is_whole(self) -> bool:
        return self.locked and self.proved is not None and self.proved == self.key_version


def find(card: LiteSCard, station: Station) -> Found:
    """Look, change nothing. Raises CardLeft or CardRefused."""
    number = _number_of(card)
    try:
        return _found(card, station, number)
    except CardSilent as error:
        raise _left() from error
    except CardTrouble as error:
        raise CardRefused(
            f"The card …{number.last_four} answers nonsense ({error}); use another card."
        ) from error


def give_key(card: LiteSCard, station: Station, version: int | None = None) -> Found:
    """The card as it is afterwards: locked, and proved to hold the key of `version` (the newest master's).

    Raises CardLeft (put it back and call again) or CardRefused.
    """
    version = station.newest if version is None else version
    found = find(card, station)
    key = station.card_key(card.idm, version)
    try:
        if not found.locked:
            _first_issue(card, key, version)
        elif found.proved is None:
            raise CardRefused(
                f"The card …{found.number.last_four} is locked with a key that is none of this station's; it "
                "can never be given another, use a new card."
            )
        elif (found.proved, found.key_version) != (version, version):
            _change_key(card, station.card_key(card.idm, found.proved), key, version)
        prove(card, key, version)
    except CardSilent as error:
        raise _left() from error
    except CardTrouble as error:
        raise CardRefused(
            f"The card …{found.number.last_four} did not take its key ({error}); run this again, and if "
            "it is said again, use another card."
        ) from error
    return Found(found.number, found.chip, True, version, version)


def _number_of(card: LiteSCard) -> CardNumber:
    number = CardNumber(CredentialKind.FELICA, card.idm.hex().upper())
    if not card.is_lite_s:
        raise CardRefused(
            f"The card …{number.last_four} is no FeliCa Lite-S and cannot hold such a key; use one that is."
        )
    if number.is_random:
        raise CardRefused("This is a phone, or a card whose number changes at every tap; use another.")
    return number


def _found(card: LiteSCard, station: Station, number: CardNumber) -> Found:
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
    return Found(number, chip_code(card.pmm), locked, int.from_bytes(version[:2], "little"), proved)


def _holds(card: LiteSCard, key: bytes) -> bool:
    card.challenge(key)
    try:
        return card.read_with_mac(ID)[0][:8] == card.idm
    except CardWrong:
        return False


def _first_issue(card: LiteSCard, key: bytes, version: int) -> None:
    """The lock last: up to there everything can be written again."""
    card.write(CKV, _block(version.to_bytes(2, "little")))
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


def _change_key(card: LiteSCard, held: bytes, key: bytes, version: int) -> None:
    """Key, then version: in between, no door takes the card, and `find` knows it by its key."""
    if held != key:
        card.challenge(held)
        card.write_with_mac(CK, lite_s_mac.key_block(key), _write_count(card))
    card.challenge(key)
    card.write_with_mac(CKV, _block(version.to_bytes(2, "little")), _write_count(card))


def _write_count(card: LiteSCard) -> int:
    return int.from_bytes(card.read_with_mac(WCNT)[0][:3], "little")


def _block(content: Sequence[int]) -> bytes:
    return bytes(content) + bytes(BLOCK_BYTES - len(content))


def _left() -> CardLeft:
    return CardLeft("The card left the reader before it was done; put it back and run this again.")
