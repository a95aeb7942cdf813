"""Card at an OSDP reader → the bridge's word to the door, over the interval at which the reader is polled.

The bridge is the real program; the readers are libosdp's peripherals behind a line that takes its time. The
interval is measured on the line, in the same run. Then one of eight readers loses its power, which may cost
the others 100 ms at most.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.osdp import frames, keys
from firmware_bridge.osdp.frames import OsdpFramer
from firmware_bridge.simulator import cable, osdp_control
from firmware_bridge.simulator.lossy_line import Fault
from firmware_bridge.simulator.osdp_line import SimulatedLine
from tests.benchmarks.measure import median, p99, print_ratio

HOME = Path(__file__).parents[2]
MEDIAN_GOAL, P99_GOAL, CPU_GOAL = 0.6, 1.1, 0.05
DEAD_SECONDS = 0.1  # what one dead reader may cost the others
PACE = 0.6  # seconds between cards at most: the same reader must not see one as the same presentation


class Measured:
    """A line of `count` readers; the first of them is the one cards are held to."""

    def __init__(self, folder: Path, count: int, baud: int) -> None:
        self.keys, self.simulator = folder / "keys", folder / "simulator"
        self.keys.mkdir()
        self.simulator.mkdir()
        names = [f"r{index}" for index in range(count)]
        for name in names:
            keys.store(osdp_control.key_file(self.simulator, name), keys.make(self.keys, name))
        readers = [(name, index) for index, name in enumerate(names)]
        self.line = SimulatedLine(self.simulator, "l", readers, Fault(baud=baud), random.Random(1))
        self.polls: list[float] = []
        self._framer = OsdpFramer()
        first = self.line.readers["r0"]
        hear = first.hear

        def listened(data: bytes) -> None:
            for frame in self._framer.feed(data):
                if frame.id == frames.POLL and frame.address == 0 and not frame.is_reply:
                    self.polls.append(time.perf_counter())
            hear(data)

        first.hear = listened  # type: ignore[method-assign]
        words = [sys.executable, "-P", "-m", "firmware_bridge.osdp", "--baud", str(baud)]
        words += ["--port", str(osdp_control.port_file(self.simulator, "l")), "--keys", str(self.keys)]
        for name, address in readers:
            words += ["--reader", f"{name}:{address}"]
        self.bridge = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HOME)}
        )
        self.found: dict[str, float] = {}
        self.online: set[str] = set()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self.bridge.stdout is not None
        lines = LineBuffer()
        while data := os.read(self.bridge.stdout.fileno(), 65_536):
            now = time.perf_counter()
            for line in lines.feed(data):
                match messages.decode_from_bridge(line):
                    case messages.CardFound(_, _, number):
                        self.found[number] = now
                    case messages.DeviceOnline(reader=reader):
                        self.online.add(reader)
                    case messages.DeviceOffline(reader=reader):
                        self.online.discard(reader)

    def run_for(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.line.step()

    def cards(self, count: int, first: int = 0) -> list[float]:
        """Seconds from the card at the reader to the bridge's word, one at a time at moments by chance."""
        chance = random.Random(2)
        took = []
        for value in range(first, first + count):
            self.run_for(PACE * chance.uniform(0.1, 0.4))
            number = f"20{value:08X}"
            began = time.perf_counter()
            self.line.readers["r0"].present(32, value.to_bytes(4, "big"))
            while number not in self.found:
                self.line.step()
                if time.perf_counter() - began > 5:
                    raise SystemExit("a card got lost on a perfect line")
            took.append(self.found[number] - began)
        return took

    def kill_last(self) -> None:
        """Its power is cut; until the bridge has said so."""
        name = list(self.line.readers)[-1]
        cable.unplug(self.simulator, name)
        deadline = time.perf_counter() + 30
        while name in self.online:
            self.line.step()
            if time.perf_counter() > deadline:
                raise SystemExit("a reader without power was not missed")

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.bridge.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.bridge.kill()
        self.bridge.wait()
        self.line.close()


def measure(count: int, baud: int, cards: int) -> None:
    with tempfile.TemporaryDirectory(prefix="genkan-osdp-") as folder:
        measured = Measured(Path(folder), count, baud)
        deadline = time.perf_counter() + 30
        while len(measured.online) < count:
            measured.line.step()
            if time.perf_counter() > deadline:
                raise SystemExit(f"only {len(measured.online)} of {count} readers came online")
        measured.run_for(2)
        measured.polls.clear()
        began, cpu = time.perf_counter(), measured.cpu_seconds()
        measured.run_for(5)
        share = (measured.cpu_seconds() - cpu) / (time.perf_counter() - began)
        gaps = [b - a for a, b in zip(measured.polls, measured.polls[1:], strict=False)]
        took = measured.cards(cards)
        beside_a_dead_one: list[float] = []
        if count > 1:
            measured.kill_last()
            beside_a_dead_one = measured.cards(cards, first=cards)
        measured.close()
    interval = median(gaps)
    what = f"{count} reader{'s' if count > 1 else ''}, {baud:,} baud"
    p50_ms, p99_ms, interval_ms = (1e3 * value for value in (median(took), p99(took), interval))
    note = f"p50 {p50_ms:4.0f} ms, p99 {p99_ms:4.0f} ms, polled every {interval_ms:4.0f} ms"
    if count == 1 and baud < 115_200:  # an answer with a card takes longer than half an interval by itself
        print(f"            OSDP card → signal; {what}: {note}", flush=True)
    else:
        print_ratio(
            f"OSDP card → signal, median / interval; {what}", median(took) / interval, MEDIAN_GOAL, note
        )
        print_ratio(f"OSDP card → signal, p99 / interval;    {what}", p99(took) / interval, P99_GOAL)
    if beside_a_dead_one:
        more = p99(beside_a_dead_one) - p99(took)
        note = f"p50 {1e3 * median(beside_a_dead_one):4.0f} ms, p99 {1e3 * p99(beside_a_dead_one):4.0f} ms"
        print_ratio(f"OSDP p99 beside one dead reader, more / 100 ms; {what}", more / DEAD_SECONDS, 1.0, note)
    print_ratio(f"OSDP bridge at rest, share of a core;  {what}", share, CPU_GOAL)


def run(cards: int = 400) -> None:
    for baud in (115_200, 9_600):
        for count in (1, 8):
            measure(count, baud, cards)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
