"""Card in the field → the bridge's `card_presented`, over nfcpy's bare `sense` of the same targets.

Both are real programs on a virtual PN532 each, poll at the same rate, and get the same cards at random times.
The door's part, "number only", is answered immediately. And what the bridge costs while no card is there.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from firmware_bridge.messages import CardFound, CardRead, NumberOnly, decode_from_bridge, encode
from firmware_bridge.nfc.polling import CYCLE_MS
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.pn532_port import Port
from tests.benchmarks.measure import median, p99, print_ratio

HOME = Path(__file__).parents[2]
GOAL, CPU_GOAL = 1.3, 0.05
GONE = 0.7  # seconds without a card before the next one, so that it is a presentation of its own


class Side:
    """A program, the chip it reads, and the cards it has reported; `answer` gets each of its lines."""

    def __init__(self, file: Path, words: list[str], answer: Callable[["Side", bytes], str | None]) -> None:
        self.port = Port(file)
        self._ended = threading.Event()
        self.reported: dict[str, float] = {}
        threading.Thread(target=self._serve, daemon=True).start()
        environment = {**os.environ, "PYTHONPATH": str(HOME)}
        self.program = subprocess.Popen(
            [sys.executable, "-P", "-m", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        self._answer = answer
        threading.Thread(target=self._hear, daemon=True).start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            self.port.step()

    def _hear(self) -> None:
        assert self.program.stdout is not None
        for line in iter(self.program.stdout.readline, b""):
            now = time.perf_counter()
            if (number := self._answer(self, line)) is not None:
                self.reported[number.upper()] = now

    def took(self, number: str, hold: float, pause: threading.Event) -> float:
        face = FelicaFace(number)
        began = time.perf_counter()
        self.port.chip.field.add(face)
        while number not in self.reported:
            pause.wait(0.001)
            if time.perf_counter() - began > 10:
                raise SystemExit("a card was not read within ten seconds")
        pause.wait(hold)
        self.port.chip.field.remove(face)
        return self.reported[number] - began

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.program.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        self._ended.set()


def _door(side: Side, line: bytes) -> str | None:
    message = decode_from_bridge(line)
    if isinstance(message, CardFound) and side.program.stdin is not None:
        side.program.stdin.write(encode(NumberOnly(message.presentation)))
    return message.number if isinstance(message, CardRead) else None


def _bare(side: Side, line: bytes) -> str | None:
    return line.decode("ascii").strip()


def run(cards: int = 200, rest: int = 10) -> None:
    """`rest` is for how many seconds the bridge is watched without a card."""
    chance, pause = random.Random(1), threading.Event()
    with tempfile.TemporaryDirectory(prefix="genkan-readers-") as folder:
        ours_file, bare_file = Path(folder) / "pn532-ours", Path(folder) / "pn532-bare"
        words = ["firmware_bridge.nfc", "--reader", "r", "--path", "tty:pty:ours", "--device", str(ours_file)]
        ours = Side(ours_file, words, _door)
        bare_words = ["tests.benchmarks.bare_sense", str(bare_file), str(CYCLE_MS / 1000)]
        bare = Side(bare_file, bare_words, _bare)
        pause.wait(3)
        began, cpu = time.perf_counter(), ours.cpu_seconds()
        pause.wait(rest)
        share = (ours.cpu_seconds() - cpu) / (time.perf_counter() - began)
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for index in range(cards):
            for name, side in (("ours", ours), ("bare", bare)):
                pause.wait(GONE + chance.random() * CYCLE_MS / 1000)
                times[name].append(side.took(f"0101{index:012X}", 0.1, pause))
        ours.close()
        bare.close()
    note = ", ".join(
        f"{name} p50 {1e3 * median(took):.1f} ms, p99 {1e3 * p99(took):.1f} ms"
        for name, took in times.items()
    )
    ratio = median(times["ours"]) / median(times["bare"])
    print_ratio("card in the field → presented / bare sense, median", ratio, GOAL, note)
    print_ratio("bridge of a serial reader at rest, share of a core", share, CPU_GOAL)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
