"""Write a FeliCa Lite-S card's key, from any state of the card.

`prepare` writes everything except the key version, `finish` writes the version. The station appends the line
of the output file in between, so every card with a key version has its line. From the first write to the
last, the block CKV, which every reader can read, holds HALF_ISSUED, and the door refuses such a card. A
person can pull the card away, or the station can die, after any step: the same call then reads the card's
state and continues.
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
    """The card left the field or does not answer. The same call can continue from any step."""


class UnusableCard(InstallerError):
    """This card cannot hold a key of this station."""


@dataclass(frozen=True)
class CardState:
    """A card's state. `key_version` is what its CKV block holds; `proved` the version whose key it proved."""

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
    """Read the card without changing it. Raise CardLeft or UnusableCard."""
    number = _number_of(card)
    try:
        return _read_state(card, station, number)
    except CardSilent as error:
        raise _card_left() from error
    except CardTrouble as error:
        raise UnusableCard(
            f"The card …{number.last_four} answers nonsense ({error}); use another card."
        ) from error


def prepare(card: LiteSCard, station: Station, version: int | None = None) -> CardState:
    """Write and lock the key of `version` (default: the newest), verify it, and return the card's new state.

    The card stays marked as half issued. If it already was complete with this version, nothing is written.
    Raise CardLeft (put the card back and call again) or UnusableCard.
    """
    version = station.newest if version is None else version
    found = read_state(card, station)
    key = station.card_key(card.idm, version)
    key_version = HALF_ISSUED
    with _translate_card_errors(found.number):
        if not found.locked:
            _first_issue(card, key)
        elif found.proved is None:
            raise UnusableCard(
                f"The card …{found.number.last_four} is locked with a key of another station, which "
                "cannot be changed; use a new card."
            )
        elif found.proved != version:
            _change_key(card, station.card_key(card.idm, found.proved), key)
        else:
            key_version = found.key_version
        prove(card, key, key_version)
    return CardState(
        number=found.number, chip=found.chip, locked=True, key_version=key_version, proved=version
    )


def finish(card: LiteSCard, station: Station, prepared: CardState) -> CardState:
    """Write the key version, the last step, after the line in the file. Raise like `prepare`."""
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
        raise UnusableCard(
            f"The card …{number.last_four} did not accept its key ({error}); run this again, and if "
            "it fails again, use another card."
        ) from error


def _number_of(card: LiteSCard) -> CardNumber:
    number = CardNumber(CredentialKind.FELICA, card.idm.hex().upper())
    if not card.is_lite_s:
        raise UnusableCard(
            f"The card …{number.last_four} is not a FeliCa Lite-S and cannot hold a key; use one that is."
        )
    if number.is_random:
        raise UnusableCard("This is a phone, or a card whose number changes at every tap; use another.")
    return number


def _read_state(card: LiteSCard, station: Station, number: CardNumber) -> CardState:
    identity, version, configuration = card.read(ID, CKV, MC)
    if identity[:8] != card.idm:
        raise CardWrong("its ID block is another card's")
    locked = configuration[MC_SYSTEM_WRITABLE] != _WRITABLE
    if locked and (configuration[MC_STATE_BY_MAC], configuration[MC_KEY_BY_MAC]) != (1, 1):
        raise UnusableCard(
            f"The card …{number.last_four} was locked by another system in a way that cannot be changed; "
            "use a new card."
        )
    proved = next((v for v in station.versions if _holds(card, station.card_key(card.idm, v))), None)
    return CardState(
        number=number,
        chip=chip_code(card.pmm),
        locked=locked,
        key_version=int.from_bytes(version[:2], "little"),
        proved=proved,
    )


def _holds(card: LiteSCard, key: bytes) -> bool:
    card.challenge(key)
    try:
        return card.read_with_mac(ID)[0][:8] == card.idm
    except CardWrong:
        return False


def _first_issue(card: LiteSCard, key: bytes) -> None:
    """Write the lock last: before it, every step can be repeated."""
    card.write(CKV, _version_block(HALF_ISSUED))
    card.write(CK, lite_s_mac.key_block(key))
    if not _holds(card, key):
        raise CardWrong("it does not prove the key just written")
    (configuration,) = card.read(MC)
    wanted = _configured(configuration)
    card.write(MC, wanted)
    if card.read(MC) != [wanted]:
        raise CardWrong("its memory configuration differs from the one just written")


def _configured(found: bytes) -> bytes:
    """Keep the user's blocks. Lock everything else, except a change of key with a MAC."""
    wanted = bytearray(found)
    wanted[MC_PAD_WRITABLE + 1] &= ~_CONFIGURATION_WRITABLE & 0xFF
    wanted[MC_SYSTEM_WRITABLE] = _LOCKED
    wanted[MC_RF] = 7
    wanted[MC_KEY_BY_MAC] = wanted[MC_STATE_BY_MAC] = 1
    return bytes(wanted)


def _change_key(card: LiteSCard, held: bytes, key: bytes) -> None:
    """Mark the card as half issued first: no door accepts it meanwhile, and `read_state` tests its key."""
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
