"""The bridge with a reader that owes nothing to libosdp: we speak OSDP, not one library's idea."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge import messages
from firmware_bridge.messages import (
    CardRead,
    ConditionChanged,
    DeviceOffline,
    InstallChanged,
    PinKeyed,
)
from firmware_bridge.osdp import install, keys
from tests.firmware_bridge.osdp.street import Bridge
from tests.waiting import until

PEERS = Path(sys.prefix) / "peers"
SCRIPT = Path(__file__).parents[2] / "peers" / "osdp_peripheral.py"
pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not (PEERS / "osdp").is_dir(), reason="make test puts the peer there"),
]


class Peer:
    """Reader `a` at address 0, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.keys, self.key_file = folder / "keys", folder / "peer.key"
        self.keys.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(SCRIPT), "0", str(self.key_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(PEERS)},
        )
        self.heard: list[dict[str, Any]] = []
        threading.Thread(target=self._hear, daemon=True).start()
        until(lambda: self.heard, what="the peer's port")
        self.bridges: list[Bridge] = []

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard.append(json.loads(line))

    def open(self) -> Bridge:
        self.bridges.append(Bridge(Path(self.heard[0]["port"]), self.keys, ["a"]))
        return self.bridges[-1]

    def send(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n".encode("ascii"))
        self.process.stdin.flush()

    def received(self, command: str) -> list[str]:
        return [heard["data"] for heard in self.heard[1:] if heard["command"] == command]

    def close(self) -> None:
        for bridge in self.bridges:
            bridge.process.kill()
            bridge.process.wait()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    new_peer = Peer(tmp_path)
    yield new_peer
    new_peer.close()


@pytest.fixture
def keyed(peer: Peer) -> Peer:
    """It knows its key."""
    peer.key_file.write_bytes(keys.make(peer.keys, "a"))
    return peer


def test_peer_is_not_built_on_libosdp(peer: Peer) -> None:
    mapped = Path(f"/proc/{peer.process.pid}/maps").read_text("ascii")
    assert ("osdp_sys" not in mapped and "pycryptodome" in mapped) or "Crypto" in mapped


def test_card_keys_and_tampering_of_another_make_are_understood(keyed: Peer) -> None:
    bridge = keyed.open()
    bridge.online("a")
    keyed.send("card 26 12345640")
    until(lambda: bridge.cards == ["1A0048D159"])
    keyed.send("keys 204867")
    until(lambda: bridge.of(PinKeyed))
    assert bridge.of(PinKeyed) == [PinKeyed("204867", "a")]
    keyed.send("tamper 1")
    until(lambda: ConditionChanged("tamper", True, "a") in bridge.sent)
    keyed.send("card 32 0048d159")
    until(lambda: bridge.cards[-1] == "200048D159")
    assert bridge.of(DeviceOffline) == []


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (
            messages.ShowIndication("granted", "a"),
            {"lamp": "0000020f0002020f0000", "buzzer": "0002010101", "text": None},
        ),
        (messages.SwitchRelay(True, "a"), {"output": "00053200"}),
    ],
)
def test_lamp_sound_display_and_relay_are_reported_as_another_make_hears_them(
    keyed: Peer, message: messages.ToBridge, wanted: dict[str, str | None]
) -> None:
    bridge = keyed.open()
    bridge.online("a")
    assert bridge.process.stdin is not None
    bridge.process.stdin.write(messages.encode(message))
    bridge.process.stdin.flush()
    until(lambda: all(keyed.received(command) for command in wanted), what=str(keyed.heard))
    for command, data in wanted.items():
        assert data is None or keyed.received(command)[0].startswith(data), command
    if "text" in wanted:
        assert bytes.fromhex(keyed.received("text")[0])[6:] == b"Welcome"


def test_new_reader_of_another_make_takes_its_key_in_the_window_only(peer: Peer) -> None:
    keys.make(peer.keys, "a")
    bridge = peer.open()
    until(lambda: bridge.of(DeviceOffline), what="offline")
    assert "osdp_key_refused" in str(bridge.of(DeviceOffline)[0]) and peer.received("key") == []
    install.open_window(peer.keys, "a", install.this_boot(), install.boot_ms())
    bridge.online("a")
    assert peer.key_file.read_bytes() == keys.load(peer.keys, "a")
    until(lambda: InstallChanged("taken", "a") in bridge.sent, what=f"taken in {bridge.sent}")
    peer.send("card 26 12345640")
    until(lambda: bridge.cards == ["1A0048D159"])


def test_reader_of_another_make_with_another_key_says_nothing_that_counts(keyed: Peer) -> None:
    keys.make(keyed.keys, "a")
    bridge = keyed.open()
    keyed.send("card 26 12345640")
    until(lambda: bridge.of(DeviceOffline), what="offline")
    assert "osdp_key_refused" in str(bridge.of(DeviceOffline)[0])
    assert bridge.of(CardRead) == []
