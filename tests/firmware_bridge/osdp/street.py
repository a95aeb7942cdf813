"""The bridge as a program, and a virtual line that is a process, too; tests open one on the other."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import CardFound, CardRead, DeviceOnline
from firmware_bridge.osdp import keys
from firmware_bridge.simulator import osdp_control
from tests.waiting import until

HOME = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HOME)}


class Bridge:
    """It answers each card with "number only", as the door does."""

    def __init__(self, port: Path, folder: Path, readers: list[str], baud: int = 115_200) -> None:
        words = [sys.executable, "-P", "-m", "firmware_bridge.osdp", "--port", str(port), "--baud", str(baud)]
        for address, name in enumerate(readers):
            words += ["--reader", f"{name}:{address}"]
        self.process = subprocess.Popen(
            [*words, "--keys", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
        )
        self.sent: list[messages.FromBridge] = []
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        assert self.process.stdout is not None and self.process.stdin is not None
        lines = LineBuffer()
        while data := os.read(self.process.stdout.fileno(), 65_536):
            for line in lines.feed(data):
                message = messages.decode_from_bridge(line)
                self.sent.append(message)
                if isinstance(message, CardFound):
                    answer = messages.encode(messages.NumberOnly(message.presentation, message.reader))
                    self.process.stdin.write(answer)
                    self.process.stdin.flush()

    def of(self, kind: type[messages.FromBridge], reader: str | None = None) -> list[messages.FromBridge]:
        return [m for m in self.sent if isinstance(m, kind) and reader in (None, getattr(m, "reader", None))]

    @property
    def cards(self) -> list[str]:
        return [m.number for m in self.sent if isinstance(m, CardRead)]

    def online(self, reader: str, count: int = 1) -> None:
        until(lambda: len(self.of(DeviceOnline, reader)) >= count, what=f"{reader} online; {self.sent[-3:]}")

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(60)


class Street:
    """One virtual line and the program that opens it."""

    def __init__(self, folder: Path, readers: list[str], *faults: str) -> None:
        self.simulator, self.keys, self.readers = folder / "simulator", folder / "keys", readers
        self.simulator.mkdir()
        self.keys.mkdir()
        for name in readers:
            keys.store(osdp_control.key_file(self.simulator, name), keys.make(self.keys, name))
        self.bridges: list[Bridge] = []
        self._faults = faults
        self.start()

    def start(self) -> None:
        words = [sys.executable, "-P", "-m", "firmware_bridge.simulator.osdp_line", "--line", "l"]
        for address, name in enumerate(self.readers):
            words += ["--reader", f"{name}:{address}"]
        self.port.unlink(missing_ok=True)
        self.socket = self.simulator / "osdp-l.sock"
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [*words, "--folder", str(self.simulator), *self._faults], env=ENVIRONMENT
        )
        until(self.socket.exists)

    @property
    def port(self) -> Path:
        return osdp_control.port_file(self.simulator, "l")

    def open(self, baud: int = 115_200) -> Bridge:
        self.bridges.append(Bridge(self.port, self.keys, self.readers, baud))
        return self.bridges[-1]

    def hold(self, reader: str, value: int) -> bool:
        """A 32-bit card; False when the reader could not get rid of it."""
        try:
            osdp_control.present(self.simulator, "l", reader, 32, value.to_bytes(4, "big"))
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """Another terminal may get its number immediately, and the bridge must not find that one."""
        self.port.unlink()
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        for bridge in self.bridges:
            bridge.process.kill()
            bridge.process.wait()
        self.process.kill()
        self.process.wait()
