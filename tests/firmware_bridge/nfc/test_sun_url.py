"""The values read from an NDEF message, and messages that are refused."""

import random

import pytest

from firmware_bridge.nfc.sun_url import LONGEST, SunMessage, parse_sun_message
from firmware_bridge.simulator.ntag424 import ndef_file

UID_COUNTER, MAC = bytes.fromhex("041E3C8A2D6B80000006"), bytes.fromhex("4B00064004B0B3D3")
CLEAR = "example.com/?uid=041E3C8A2D6B80&ctr=000006&c=4B00064004B0B3D3"
ENCRYPTED = bytes.fromhex("EF963FF7828658A599F3041510671E88")


def message(url: str) -> bytes:
    return ndef_file(url)[2:]


@pytest.mark.parametrize(
    ("url", "content"),
    [
        (CLEAR, UID_COUNTER),
        (CLEAR.replace("c=", "cmac="), UID_COUNTER),
        (CLEAR.replace("c=", "lang=ja&c="), UID_COUNTER),
        (CLEAR.lower() + "#top", UID_COUNTER),
        (f"ntag.nxp.com/424?e={ENCRYPTED.hex().upper()}&c=4B00064004B0B3D3", ENCRYPTED),
        (f"example.com/?picc_data={ENCRYPTED.hex()}&cmac=4B00064004B0B3D3", ENCRYPTED),
    ],
)
def test_message_in_the_forms_of_nxp_is_read(url: str, content: bytes) -> None:
    assert parse_sun_message(message(url)) == SunMessage(content, MAC)


@pytest.mark.parametrize(
    "url",
    [
        "example.com/",
        "example.com/?",
        CLEAR.replace("000006", "00006"),
        CLEAR.replace("000006", "00000G"),
        CLEAR.replace("000006", "+00006"),
        CLEAR.replace("000006", "00 006"),
        CLEAR.replace("ctr=000006&", ""),
        CLEAR.replace("&c=4B00064004B0B3D3", ""),
        CLEAR + "&c=0000000000000000",
        CLEAR + "&ctr=000007",
    ],
)
def test_message_that_says_something_else_or_the_same_twice_is_none(url: str) -> None:
    assert parse_sun_message(message(url)) is None


def test_long_record_and_one_with_an_id_are_read_too() -> None:
    payload = b"\x04" + CLEAR.encode()
    assert parse_sun_message(b"\xc1\x01" + len(payload).to_bytes(4, "big") + b"U" + payload) == SunMessage(
        UID_COUNTER, MAC
    )
    with_id = b"\xd9\x01" + bytes([len(payload), 2]) + b"U" + b"id" + payload
    assert parse_sun_message(with_id) == SunMessage(UID_COUNTER, MAC)


@pytest.mark.parametrize(
    "ndef", [b"", b"\xd1", b"\xd1\x01\x00U", b"\xd1\x01\x05T\x02en", b"\xf1\x01\x01U\x04", bytes(LONGEST)]
)
def test_other_records_are_none(ndef: bytes) -> None:
    assert parse_sun_message(ndef) is None
    assert parse_sun_message(message(CLEAR) + bytes(LONGEST)) is None


def test_message_cut_short_anywhere_is_none() -> None:
    whole = message(CLEAR)
    assert [size for size in range(len(whole)) if parse_sun_message(whole[:size]) is not None] == []


def test_bytes_of_any_kind_raise_nothing() -> None:
    chance = random.Random(424)
    for _ in range(20_000):
        whole = bytearray(message(CLEAR))
        for _ in range(chance.randrange(1, 4)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        parse_sun_message(bytes(whole))
        parse_sun_message(chance.randbytes(chance.randrange(80)))
