"""A virtual PN532 on a pseudo-terminal, served by a thread of the test."""

import contextlib
import os
import pty
import select
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

from firmware_bridge.simulator.pn532 import Pn532
from firmware_bridge.simulator.pn532_port import Port
from tests.waiting import until


class Rig:
    def __init__(self, file: Path, chip: Pn532 | None = None) -> None:
        self.file = file
        self.path = f"tty:{file}:pn532"
        self._unplugged = False
        self.port = Port(file, lambda: self._unplugged, chip)
        self.chip = self.port.chip
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            self.port.step()

    def unplug(self) -> None:
        self._unplugged = True
        until(lambda: not self.file.exists())

    def plug(self) -> None:
        self._unplugged = False
        until(self.file.exists)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self.port.close()


@contextlib.contextmanager
def pn532(file: Path, chip: Pn532 | None = None) -> Iterator[Rig]:
    rig = Rig(file, chip)
    try:
        yield rig
    finally:
        rig.close()


@contextlib.contextmanager
def device_of_another_make(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """The name of a serial port where a device answers that is not a PN532."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            if select.select([master], [], [], 0.02)[0]:
                os.write(master, answer(os.read(master, 4096)))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        ended.set()
        thread.join()
        os.close(master)
        os.close(slave)
