"""The bridge program as the door starts it, with pcscd behind it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.config import ReaderConfig
from controller.drivers.bridge_reader import BridgeReader, nfc_command
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.signals import CardPresented, ReaderOffline, ReaderOnline, ReaderSignal
from firmware_bridge.messages import BridgeHeartbeat, DeviceOffline, decode_from_bridge
from tests.firmware_bridge.pcsc.pcscd import Pcscd, pcscd
from tests.waiting import until

pytestmark = pytest.mark.pcscd

HOME = Path(__file__).parents[3]
READER = ReaderConfig("entrance-in", "entrance-in", "pcsc:Virtual PCD 00 00")
IDM = "0101031284C0FFEE"
BADGE = CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM))


class Rig:
    def __init__(self, service: Pcscd) -> None:
        self.service = service
        self.reader = BridgeReader("entrance-in", nfc_command(READER, None))
        self.signals: list[ReaderSignal] = []
        self.reader.start(self.signals.append)

    def last(self, kind: type[ReaderSignal]) -> bool:
        return bool(self.signals) and isinstance(self.signals[-1], kind)

    def tap(self) -> None:
        cards = self.signals.count(BADGE)
        with self.service.card(IDM):
            until(lambda: self.signals.count(BADGE) == cards + 1)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    pytest.importorskip("smartcard", reason="pyscard is missing: make pcsc")
    with pcscd(monkeypatch) as service:
        service.start()
        rig = Rig(service)
        until(lambda: rig.last(ReaderOnline))
        yield rig
        rig.reader.stop()


def test_badge_is_presented_and_a_killed_bridge_comes_back_and_reads(rig: Rig) -> None:
    rig.tap()
    process = rig.reader.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    until(lambda: any(isinstance(s, ReaderOffline) for s in rig.signals))
    until(lambda: rig.last(ReaderOnline))
    rig.tap()


def test_pcscd_stopped_is_reported_and_the_reader_is_back_when_it_runs_again(rig: Rig) -> None:
    rig.service.stop()
    fields = {"path": "pcsc:Virtual PCD 00 00"}
    until(lambda: rig.signals[-1] == ReaderOffline("entrance-in", "pcscd_not_running", fields))
    rig.service.start()
    until(lambda: rig.last(ReaderOnline))
    rig.tap()
    assert rig.reader.restarts == 0


def without_pyscard(*arguments: str) -> "subprocess.Popen[bytes]":
    """On a machine where nobody built it."""
    script = (
        "import sys; sys.modules['smartcard'] = None; sys.argv[0] = 'firmware_bridge.pcsc'\n"
        "from firmware_bridge.pcsc.__main__ import main; sys.exit(main())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOME
    )


def test_without_pyscard_the_reader_is_offline_with_what_to_do() -> None:
    with without_pyscard("--reader", "a", "--path", "pcsc:A") as bridge:
        assert bridge.stdin is not None and bridge.stdout is not None
        messages = (decode_from_bridge(line) for line in bridge.stdout)
        offline = next(message for message in messages if not isinstance(message, BridgeHeartbeat))
        assert offline == DeviceOffline("pyscard_missing", {"path": "pcsc:A"})
        bridge.stdin.close()
        assert bridge.wait(60) == 0


@pytest.mark.parametrize("arguments", [[], ["--reader", "a"], ["--reader", "a", "--path", "usb:054c:0dc9"]])
def test_wrong_arguments_end_with_usage_and_not_a_byte_on_the_pipe(arguments: list[str]) -> None:
    with without_pyscard(*arguments) as bridge:
        output, _ = bridge.communicate(timeout=60)
    assert (bridge.returncode, output) == (2, b"")
