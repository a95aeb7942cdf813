"""SUN by published numbers: NXP's AN12196, and a plain message, of which AN12196 has no whole example.

AN12196 "NTAG 424 DNA and NTAG 424 DNA TagTamper features and hints": 3.3 table 1 (session key), 3.4.2.1
table 2 (encrypted PICCData) and 3.4.4.2.1 table 4 (the MAC). The plain one is among the tests of sdm-backend,
the open program behind sdm.nfcdeveloper.com.
"""

import pytest

from firmware_bridge.nfc import sun_mac

ZERO = bytes(16)
UID = bytes.fromhex("04DE5F1EACC040")
ENCRYPTED = bytes.fromhex("EF963FF7828658A599F3041510671E88")
MAC = bytes.fromhex("94EED9EE65337086")
PLAIN_UID, PLAIN_MAC = bytes.fromhex("041E3C8A2D6B80"), bytes.fromhex("4B00064004B0B3D3")


def test_published_message_with_encrypted_uid_and_counter_is_believed() -> None:
    assert sun_mac.identity(ZERO, ENCRYPTED) == (UID, 0x3D)
    assert sun_mac.mac(ZERO, UID, 0x3D) == MAC
    assert sun_mac.verified_counter(ZERO, UID, ENCRYPTED, MAC) == 0x3D


def test_published_encrypted_block_comes_out_of_its_published_padding() -> None:
    assert sun_mac.encrypted(ZERO, UID, 0x3D, bytes.fromhex("DA5CF60941")) == ENCRYPTED


def test_published_message_in_clear_is_believed() -> None:
    assert sun_mac.verified_counter(ZERO, PLAIN_UID, PLAIN_UID + b"\x00\x00\x06", PLAIN_MAC) == 6


def test_published_session_key_comes_out() -> None:
    key = bytes.fromhex("5ACE7E50AB65D5D51FD5BF5A16B8205B")
    vector = bytes.fromhex("3CC30001008004C767F2066180010000")
    assert sun_mac._cmac(key, vector).hex() == "3a3e8110e05311f7a3fcf0d969bf2b48"
    session = sun_mac._cmac(key, vector)
    assert sun_mac.mac(key, bytes.fromhex("04C767F2066180"), 1) == sun_mac._cmac(session, b"")[1::2]


def test_no_changed_bit_of_message_or_mac_is_believed() -> None:
    content = PLAIN_UID + b"\x00\x00\x06"
    for at in range(8 * len(content)):
        changed = bytearray(content)
        changed[at // 8] ^= 1 << at % 8
        assert sun_mac.verified_counter(ZERO, bytes(changed[:7]), bytes(changed), PLAIN_MAC) is None
    for at in range(8 * len(PLAIN_MAC)):
        wrong = bytearray(PLAIN_MAC)
        wrong[at // 8] ^= 1 << at % 8
        assert sun_mac.verified_counter(ZERO, PLAIN_UID, content, bytes(wrong)) is None


def test_message_of_another_card_or_key_is_not_believed() -> None:
    content = PLAIN_UID + b"\x00\x00\x06"
    assert sun_mac.verified_counter(ZERO, UID, content, PLAIN_MAC) is None
    assert sun_mac.verified_counter(bytes(15) + b"\x01", PLAIN_UID, content, PLAIN_MAC) is None
    assert sun_mac.verified_counter(ZERO, PLAIN_UID, ENCRYPTED, MAC) is None


@pytest.mark.parametrize(
    ("content", "mac"),
    [
        (b"", MAC),
        (ENCRYPTED[:-1], MAC),
        (ENCRYPTED, b""),
        (ENCRYPTED, MAC[:7]),
        (bytes(16), MAC),
        (bytes(17), MAC),
    ],
)
def test_other_lengths_and_other_contents_are_not_message(content: bytes, mac: bytes) -> None:
    assert sun_mac.verified_counter(ZERO, UID, content, mac) is None
