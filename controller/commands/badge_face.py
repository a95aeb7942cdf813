"""The virtual badge that `genkan tap` presents: a number, a number with a key, or a card in a file."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import fail
from controller.model.card_keys import KEY_BYTES, MOST_VERSION
from controller.model.credentials import CardNumber, CredentialKind

if TYPE_CHECKING:
    from firmware_bridge.simulator.faces import Face

_NTAG_424_DIGITS = 14
_MOST_COUNTER = 0xFFFFFF


def badge_face(
    idm: str | None,
    key: str | None,
    key_version: int | None,
    card: Path | None,
    half_issued: str | None,
    type_a: str | None = None,
    counter: int | None = None,
) -> "Face":
    if counter is not None and (type_a is None or key is None or not 0 <= counter <= _MOST_COUNTER):
        raise click.UsageError(f"--counter goes with --uid and --key and is 0 to {_MOST_COUNTER}.")
    if type_a is not None:
        if (idm, card, key_version, half_issued) != (None,) * 4:
            raise click.UsageError("--uid is a Type A badge; only --key and --counter go with it.")
        return _type_a_face(type_a, key, 1 if counter is None else counter)
    number = None if idm is None else _number(idm)
    if half_issued is not None and (card is not None or key_version is not None):
        raise click.UsageError("--half-issued goes only with --idm and, to choose the key, --key.")
    if key is not None and card is not None:
        raise click.UsageError("give either --key or --card; a card in a file has its own key.")
    if key_version is not None and (key is None or not 0 < key_version <= MOST_VERSION):
        raise click.UsageError(f"--key-version goes with --key and is 1 to {MOST_VERSION}.")
    if card is not None:
        return _kept(card, number)
    if number is None:
        raise click.UsageError("Give the badge by --idm or --uid, or a card in a file by --card.")
    if half_issued is not None:
        from firmware_bridge.simulator import half_issued as half

        card_key = secrets.token_bytes(KEY_BYTES) if key is None else _key(key)
        return half.half_issued(bytes.fromhex(number.hex), half.HalfIssued(half_issued), card_key)
    if key is None:
        from firmware_bridge.simulator.faces import FelicaFace

        return FelicaFace(number.hex)
    from firmware_bridge.simulator.lite_s import LiteSFace

    return LiteSFace.with_key(bytes.fromhex(number.hex), _key(key), key_version or 1)


def _type_a_face(text: str, key: str | None, counter: int) -> "Face":
    """Return a plain Type A badge, or with a key an NTAG 424 DNA that sends `counter` when it is read."""
    try:
        number = CardNumber.parse(text, CredentialKind.TYPE_A).hex
    except ValueError:
        raise click.UsageError("--uid is not a UID; give 8, 14 or 20 hexadecimal digits.") from None
    if key is None:
        from firmware_bridge.simulator.faces import TypeAFace

        return TypeAFace(number)
    if len(number) != _NTAG_424_DIGITS:
        raise click.UsageError("--uid with --key is an NTAG 424 DNA; give 14 hexadecimal digits.")
    from firmware_bridge.simulator.ntag424 import Ntag424Face

    return Ntag424Face(number, _key(key), counter - 1)


def _kept(file: Path, number: CardNumber | None) -> "Face":
    from firmware_bridge.simulator.card_file import card_of, new_card

    try:
        if number is not None and not file.exists():
            return new_card(file, number.hex)
        face = card_of(file)
    except FileNotFoundError:
        fail(f"There is no card {file}; create one there with --idm.")
    except OSError as error:
        fail(f"The card {file} cannot be used ({error.strerror}); check who owns it.")
    except ValueError as error:
        fail(str(error))
    if number is not None and face.memory.idm.hex().upper() != number.hex:
        fail(f"The card {file} has another number; leave --idm out, or give another file.")
    return face


def _number(idm: str) -> CardNumber:
    try:
        return CardNumber.parse(idm, CredentialKind.FELICA)
    except ValueError:
        raise click.UsageError(
            "--idm is not a FeliCa number; give 16 hexadecimal digits, such as 0101031284C0FFEE."
        ) from None


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise click.UsageError("--key is not a card key; give 32 hexadecimal digits.")
    return key
