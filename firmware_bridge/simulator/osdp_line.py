"""A virtual RS-485 line on a pseudo-terminal with virtual readers on it; the bridge opens it like any port.

In a demo the door process starts one for each line named by `osdp:pty:LINE:…`. Beside its port,
FOLDER/osdp-LINE, it serves FOLDER/osdp-LINE.sock, where a caller holds cards to its readers and presses their
keys. Cables and tampering are flag files, as for the other virtual readers.
"""

import argparse
import contextlib
import json
import os
import pty
import random
import select
import socket
import sys
import termios
import time
import tty
from collections.abc import Callable
from functools import partial
from pathlib import Path

from firmware_bridge import virtual_port
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.lossy_line import Fault, Lane
from firmware_bridge.simulator.osdp_control import (
    DELIVERY_SECONDS,
    MAX_REQUEST,
    key_file,
    port_file,
    relay_file,
    socket_path,
)
from firmware_bridge.simulator.osdp_reader import VirtualOsdpReader
from firmware_bridge.simulator.uart import BAUD_OF, misheard

_TICK = 0.005


class SimulatedLine:
    """`readers` are names and addresses; `step` moves the line on."""

    def __init__(
        self,
        folder: Path,
        line: str,
        readers: list[tuple[str, int]],
        fault: Fault,
        chance: random.Random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._monotonic = folder, monotonic
        self.to_readers, self.to_panel = Lane(fault, chance), Lane(fault, chance)
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self.readers = {
            name: VirtualOsdpReader(address, key_file(folder, name), partial(self._reply, name))
            for name, address in readers
        }
        self._pulls: dict[str, bool] = {}
        self._speeds: dict[str, int | None] = dict.fromkeys(self.readers)
        self._plugged: dict[str, bool] = dict.fromkeys(self.readers, True)
        self._checked_at = 0.0
        self._file = port_file(folder, line)
        virtual_port.publish(self._file, self._slave)

    def step(self, listener: socket.socket | None = None) -> bool:
        """Wait for the next event, at most a tick; return True if a caller is waiting."""
        watched: list[int | socket.socket] = [self._master]
        if listener is not None:
            watched.append(listener)
        ready = select.select(watched, [], [], self._wait())[0]
        now = self._monotonic()
        if self._master in ready:
            with contextlib.suppress(BlockingIOError):
                self.to_readers.add(os.read(self._master, 4096), now)
        for piece in self.to_readers.due(now):
            for name, reader in self.readers.items():
                if self._plugged[name]:
                    host = self._host_speed()
                    reader.hear(misheard(piece, host, self._speeds[name] or host))
        if now - self._checked_at >= _TICK:
            self._checked_at = now
            self._check_simulator_files()
            for reader in self.readers.values():
                reader.tick()
        for piece in self.to_panel.due(self._monotonic()):
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, piece)
        return listener in ready

    def close(self) -> None:
        virtual_port.withdraw(self._file)
        os.close(self._master)
        os.close(self._slave)

    def _reply(self, name: str, data: bytes) -> None:
        host = self._host_speed()
        self.to_panel.add(misheard(data, self._speeds[name] or host, host), self._monotonic())

    def _host_speed(self) -> int:
        """The speed that the program at the port has set."""
        return BAUD_OF.get(termios.tcgetattr(self._slave)[5], 0)

    def _wait(self) -> float:
        now = self._monotonic()
        due = [lane.next_at for lane in (self.to_readers, self.to_panel) if lane.next_at is not None]
        return max(0.0, min([now + _TICK, *due]) - now)

    def _check_simulator_files(self) -> None:
        """Read cables, speeds and tampering. A reader without power forgets what it has read."""
        for name, reader in self.readers.items():
            plugged = not cable.is_unplugged(self._folder, name)
            if self._plugged[name] and not plugged:
                reader.forget()
            self._plugged[name] = plugged
            self._speeds[name] = cable.speed(self._folder, name)
            reader.tamper = cable.is_tampered(self._folder, name)
            self._show_relay(name, reader.relay)

    def _show_relay(self, name: str, pulls: bool) -> None:
        if pulls is self._pulls.get(name):
            return
        self._pulls[name] = pulls
        file = relay_file(self._folder, name)
        if pulls:
            file.touch()
        else:
            file.unlink(missing_ok=True)


class _Hand:
    """Serves `present` and `key_in`: one caller at a time."""

    def __init__(self, line: SimulatedLine, listener: socket.socket, monotonic: Callable[[], float]) -> None:
        self._line, self._listener, self._monotonic = line, listener, monotonic

    def serve(self) -> None:
        caller, _ = self._listener.accept()
        with caller, contextlib.suppress(OSError):
            caller.settimeout(0.3)
            try:
                answer = self._do(json.loads(caller.makefile("rb").readline(MAX_REQUEST)))
            except (ValueError, TypeError, KeyError, RecursionError):
                answer = {"error": "A virtual line understands reader with bits and data, or with keys."}
            caller.sendall(json.dumps(answer).encode("ascii") + b"\n")

    def _do(self, request: dict[str, object]) -> dict[str, object]:
        name = str(request["reader"])
        reader = self._line.readers[name]
        while reader.delivered() is not None:
            pass
        if "keys" in request:
            answer: dict[str, object] = {}
            for key in str(request["keys"]).encode("ascii") + b"\r":
                answer = self._hand_in(name, reader, reader.press(bytes((key,))))
                if "error" in answer:
                    break
            return answer
        bits, data = int(str(request["bits"])), bytes.fromhex(str(request["data"]))
        return self._hand_in(name, reader, reader.present(bits, data))

    def _hand_in(self, name: str, reader: VirtualOsdpReader, is_accepted: bool) -> dict[str, object]:
        """Wait until the control panel has read it."""
        if not is_accepted:
            return {"error": f"{name} holds too much that was not polled."}
        until = self._monotonic() + DELIVERY_SECONDS
        while self._monotonic() < until:
            self._line.step()
            done = reader.delivered()
            if done is not None:
                return {"ok": True} if done else {"error": f"{name} forgot it; do it again."}
        reader.forget()
        return {"error": f"The door did not poll {name} within {DELIVERY_SECONDS:.0f} s; is it online?"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="firmware_bridge.simulator.osdp_line", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--line", required=True)
    parser.add_argument("--reader", action="append", required=True, metavar="NAME:ADDRESS")
    parser.add_argument("--baud", type=int, help="delay the bytes as this speed does")
    parser.add_argument("--loss", type=float, default=0.0, help="share of messages lost")
    parser.add_argument("--noise", type=float, default=0.0, help="chance of a flipped bit")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--byte-by-byte", action="store_true")
    parser.add_argument("--seed", type=int)
    values = parser.parse_args(arguments)
    readers = [(name, int(address)) for name, _, address in (r.rpartition(":") for r in values.reader)]
    fault = Fault(
        baud=values.baud,
        loss=values.loss,
        noise=values.noise,
        delay_seconds=values.delay,
        byte_by_byte=values.byte_by_byte,
    )
    line = SimulatedLine(
        folder=values.folder,
        line=values.line,
        readers=readers,
        fault=fault,
        chance=random.Random(values.seed),  # noqa: S311
    )
    listener = socket.socket(socket.AF_UNIX)
    with socket_path(values.folder, values.line) as path:
        Path(path).unlink(missing_ok=True)
        listener.bind(path)
    listener.listen(8)
    hand = _Hand(line, listener, time.monotonic)
    parent = os.getppid()
    with contextlib.suppress(KeyboardInterrupt):
        while os.getppid() == parent:  # it ends with its parent process
            if line.step(listener):
                hand.serve()
    line.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
