"""FeliCa cards at a reader: what arithmetic, the proof of a key and the polling cost beside the bare thing.

The card is on nfcpy's UDP device, as in the demo; both sides meet it in turns. The one that proves its key is
a process of its own.
"""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nfc.clf
from nfc.tag.tt3_sony import FelicaLite

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.device import VirtualReader, open_device
from firmware_bridge.nfc.lite_s import ANSWER_SECONDS
from firmware_bridge.nfc.prove import ProofResult, request_proof
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.benchmarks.measure import median, micro, p99, print_ratio

HOME = Path(__file__).parents[2]
IDM, KEY = bytes.fromhex("012E4CD1A5C0FFEE"), bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
MAC_GOAL, PROOF_GOAL, SEEN_GOAL, REST_GOAL = 0.02, 1.5, 1.3, 0.05
REST_SECONDS = 10.0
CARD = """
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.lite_s import LiteSFace
VirtualCard({address}, LiteSFace.with_key({idm}, {key})).present(600, 60)
"""
TARGETS = ("212F", "106A")


def free_address() -> tuple[str, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    return host, port


def timed(work: Callable[[], object]) -> int:
    began = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - began


def macs(count: int) -> None:
    """The MAC over ID, CKV and WCNT by OpenSSL, and by pyDes as nfcpy makes it."""
    shared, data = lite_s_mac.session(KEY, os.urandom(16)), os.urandom(48)
    ours, bare = [], []
    for _ in range(count):
        ours.append(timed(lambda: lite_s_mac.read_mac(shared, data)))
        bare.append(timed(lambda: FelicaLite.generate_mac(data, shared.key, shared.challenge[:8])))
    print_ratio(
        "MAC of three blocks, OpenSSL / pyDes",
        median(ours) / median(bare),
        MAC_GOAL,
        f"{micro(ours)}; pyDes {micro(bare)}",
    )


class Listened:
    """A reader that remembers the commands it sent, so that they can be sent bare."""

    def __init__(self, reader: VirtualReader) -> None:
        self._reader, self.commands = reader, list[bytearray]()

    def sense_ttf(self, target: Any) -> Any:
        return self._reader.sense_ttf(target)

    def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
        self.commands.append(bytearray(data))
        return self._reader.send_cmd_recv_rsp(target, data, timeout)


def proofs(count: int) -> None:
    address = free_address()
    words = [sys.executable, "-P", "-c", CARD.format(address=address, idm=IDM, key=KEY)]
    card = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(HOME)})
    reader: VirtualReader = open_device("udp:{}:{}".format(*address))
    try:
        while not reader.sense_ttf(nfc.clf.RemoteTarget("212F")):
            pass
        listened = Listened(reader)
        if request_proof(listened, "212F", IDM, KEY, 1) is not ProofResult.PROVED:
            raise SystemExit("the virtual card proved nothing")

        def bare() -> None:
            target = reader.sense_ttf(nfc.clf.RemoteTarget("212F"))
            for command in listened.commands:
                reader.send_cmd_recv_rsp(target, command, ANSWER_SECONDS)

        def proof() -> None:
            if request_proof(reader, "212F", IDM, KEY, 1) is not ProofResult.PROVED:
                raise SystemExit("the virtual card proved nothing")

        ours, frames = [], []
        for _ in range(count):
            ours.append(timed(proof))
            frames.append(timed(bare))
        print_ratio(
            "proof of a key, whole exchange / its five frames bare",
            median(ours) / median(frames),
            PROOF_GOAL,
            f"{micro(ours)}; bare {micro(frames)}",
        )
    finally:
        reader.close()
        card.kill()
        card.wait()


class Bridge:
    """The real program; answers "number only" immediately, and records when each card was presented."""

    def __init__(self, address: tuple[str, int], *options: str) -> None:
        words = [sys.executable, "-P", "-m", "firmware_bridge.nfc", "--reader", "r"]
        words += ["--path", "udp:{}:{}".format(*address), *options]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HOME)}
        )
        self.online, self.presented = threading.Event(), threading.Event()
        self.at = 0
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self.process.stdout is not None and self.process.stdin is not None
        lines = LineBuffer()
        while data := os.read(self.process.stdout.fileno(), 65_536):
            for line in lines.feed(data):
                match messages.decode_from_bridge(line):
                    case messages.CardFound(presentation):
                        wanted = messages.encode(messages.NumberOnly(presentation))
                        os.write(self.process.stdin.fileno(), wanted)
                    case messages.CardRead():
                        self.at = time.perf_counter_ns()
                        self.presented.set()
                    case messages.DeviceOnline():
                        self.online.set()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


class Entering(FelicaFace):
    """Notes when it came into the field."""

    at = 0

    def power_up(self) -> None:
        self.at = time.perf_counter_ns()


class LiteSEntering(LiteSFace):
    """A card as sold: its number counts, and a reader on the way in checks whether its issuing has begun."""

    at = 0

    def power_up(self) -> None:
        self.at = time.perf_counter_ns()
        super().power_up()


def number_face() -> Entering:
    return Entering("0101031284C0FFEE")


def lite_s_face() -> LiteSEntering:
    return LiteSEntering(LiteSMemory(bytes.fromhex("0101031284C0FFEE")))


def seen(count: int, make: Callable[[], Entering | LiteSEntering], name: str = "card", *options: str) -> None:
    """Card in the field → card_presented, over card in the field → nfcpy's device has sensed it."""
    address, bare_address = free_address(), free_address()
    bridge, reader = Bridge(address, *options), open_device("udp:{}:{}".format(*bare_address))
    chance, ours, bare = random.Random(3), [], []
    try:
        if not bridge.online.wait(30):
            raise SystemExit("the bridge did not come online")
        began, cpu = time.perf_counter(), bridge.cpu_seconds()
        time.sleep(REST_SECONDS)
        rest = (bridge.cpu_seconds() - cpu) / (time.perf_counter() - began)
        for _ in range(count):
            time.sleep(chance.uniform(0.0, 0.15))
            ours.append(_presented(bridge, address, make()))
            bare.append(_sensed(reader, bare_address, chance.uniform(0.0, 0.15)))
    finally:
        reader.close()
        bridge.close()
    print_ratio(
        f"{name} in field → card_presented, udp / bare sense",
        median(ours) / median(bare),
        SEEN_GOAL,
        f"{micro(ours)}; bare {micro(bare)}; p99 {p99(ours) / p99(bare):.2f}",
    )
    print_ratio("polling at rest, udp, share of a core", rest, REST_GOAL)


def _presented(bridge: Bridge, address: tuple[str, int], face: Entering | LiteSEntering) -> int:
    bridge.presented.clear()
    VirtualCard(address, face).present(0.1)
    if not bridge.presented.wait(5):
        raise SystemExit("the bridge did not present the card")
    return bridge.at - face.at


def _sensed(reader: VirtualReader, address: tuple[str, int], delay: float) -> int:
    """The same polls of the same field, and nothing else; the card comes after `delay`."""
    face = number_face()
    card = VirtualCard(address, face, away_seconds=0.0)
    held = threading.Thread(target=lambda: (time.sleep(delay), card.present(0.0)))
    held.start()
    while True:
        if reader.sense_ttf(nfc.clf.RemoteTarget(TARGETS[0])):
            at = time.perf_counter_ns()
            break
        reader.sense_tta(nfc.clf.RemoteTarget(TARGETS[1]))
    held.join()
    return at - face.at


def run(count: int = 500) -> None:
    macs(count)
    proofs(count)
    seen(max(10, count // 10), number_face)
    seen(max(10, count // 10), lite_s_face, "Lite-S by number", "--proofs")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
