"""The virtual NTAG 424 DNA, as nfcpy's own Type 4 tag finds it over nfcpy's own UDP device."""

from typing import Any

import nfc
import pytest
from nfc.tag.tt4 import Type4ATag

from firmware_bridge.nfc import sun_mac
from firmware_bridge.nfc.sun_url import parse_sun_message
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import Face
from firmware_bridge.simulator.ntag424 import Ntag424Face, RecordedFace, Type4Face, ndef_file
from tests.firmware_bridge.nfc.field import frontend, held
from tests.waiting import until

UID = "04DE5F1EACC040"
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


def records(address: tuple[str, int], face: Face, readings: int = 1) -> list[str]:
    """Return the URI that nfcpy reads; each call activates the card again."""
    found = []
    with held(VirtualCard(address, face, away_seconds=0.0)), frontend(address) as clf:
        for _ in range(readings):
            target = until(lambda: clf.sense(nfc.clf.RemoteTarget("106A")))
            tag: Any = nfc.tag.activate(clf, target)
            assert type(tag) is Type4ATag
            found.append(tag.ndef.records[0].iri)
    return found


@pytest.mark.parametrize("encrypted", [False, True])
def test_each_reading_counts_one_more_and_its_mac_says_so(
    reader_address: tuple[str, int], encrypted: bool
) -> None:
    card = Ntag424Face(UID, KEY, 41, encrypted)
    uris = records(reader_address, card, 3)
    assert len(set(uris)) == 3 and all(uri.startswith("https://genkan.example/b?") for uri in uris)
    words = [parse_sun_message(ndef_file(uri.removeprefix("https://"))[2:]) for uri in uris]
    counted = [w and sun_mac.verified_counter(KEY, bytes.fromhex(UID), w.sun_data, w.mac) for w in words]
    assert counted == [42, 43, 44] and card.counter == 44


def test_recording_is_the_same_at_each_reading(reader_address: tuple[str, int]) -> None:
    badge = Ntag424Face(UID, KEY, 7)
    uris = records(reader_address, RecordedFace(UID, badge.url()), 2)
    assert uris == ["https://" + badge.url()] * 2


def test_long_file_goes_over_in_several_frames(reader_address: tuple[str, int]) -> None:
    url = "example.com/" + "x" * 240
    assert records(reader_address, Type4Face(UID, lambda: ndef_file(url))) == ["https://" + url]
