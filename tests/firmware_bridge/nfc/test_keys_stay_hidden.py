"""nfcpy writes card keys at DEBUG. Ours go round its classes, so nothing of a key reaches any handler."""

import base64
import logging
from collections.abc import Iterator

import pytest

from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.device import open_device, silence_nfcpy
from firmware_bridge.nfc.lite_s import sense
from firmware_bridge.nfc.lite_s_blocks import CK
from firmware_bridge.nfc.prove import ProofResult
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.firmware_bridge.nfc.field import frontend, heard_proof, held, patiently, tag_of
from tests.waiting import until

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


def spellings(key: bytes) -> list[str]:
    return [
        text.lower()
        for one in (key, lite_s_mac.key_block(key), key[:8], key[8:])
        for text in (
            one.hex(),
            base64.b64encode(one).decode().rstrip("="),
            str(int.from_bytes(one, "big")),
            repr(one),
        )
    ]


class Root(logging.Handler):
    """A handler on the root logger, as a service has one: it keeps every line."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage().lower())
        self.names.add(record.name.split(".")[0])

    def holds(self, key: bytes) -> list[str]:
        return [text for text in spellings(key) if any(text in line for line in self.lines)]


@pytest.fixture
def root() -> Iterator[Root]:
    """With everything turned up, nfcpy's loggers too; put back afterwards."""
    handler, nfcpy = (
        Root(),
        [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.split(".")[0] == "nfc"],
    )
    before = [(logger, logger.level, logger.propagate, logger.handlers) for logger in [logging.root, *nfcpy]]
    for logger in [logging.root, *nfcpy]:
        logger.setLevel(1)
        logger.propagate = True
    logging.root.addHandler(handler)
    yield handler
    logging.root.removeHandler(handler)
    for logger, level, propagate, handlers in before:
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers


def test_exchange_at_debug_with_nfcpy_wide_open_says_no_key(
    root: Root, reader_address: tuple[str, int]
) -> None:
    device = open_device("udp:{}:{}".format(*reader_address))
    with held(VirtualCard(reader_address, LiteSFace.with_key(IDM, KEY), away_seconds=0.0)):
        assert heard_proof(device, "212F", IDM, KEY, 1) is ProofResult.PROVED
        assert heard_proof(device, "212F", IDM, KEY[::-1], 1) is ProofResult.WRONG
    device.close()
    assert "nfc" in root.names, "nfcpy was listened to"
    assert root.holds(KEY) == root.holds(KEY[::-1]) == []


def test_nfcpys_own_class_does_say_it(root: Root, reader_address: tuple[str, int]) -> None:
    """The test above would see a key: here is one. When this fails, nfcpy has changed."""
    with (
        held(VirtualCard(reader_address, LiteSFace.with_key(IDM, KEY), away_seconds=0.0)),
        frontend(reader_address) as clf,
    ):
        assert tag_of(clf).authenticate(KEY)
    assert KEY.hex() in root.holds(KEY)


def test_key_that_is_written_to_a_card_is_in_no_log_once_nfcpy_is_silenced(
    root: Root, reader_address: tuple[str, int]
) -> None:
    """Its drivers write whole frames below DEBUG, and this one frame holds a key. The bridge and the station
    silence it at their start."""
    silence_nfcpy()
    device = open_device("udp:{}:{}".format(*reader_address))
    with held(VirtualCard(reader_address, LiteSFace(LiteSMemory(IDM)), away_seconds=0.0)):
        card = until(lambda: sense(device))
        patiently(lambda: card.write(CK, lite_s_mac.key_block(KEY)))
    device.close()
    assert root.holds(KEY) == []
