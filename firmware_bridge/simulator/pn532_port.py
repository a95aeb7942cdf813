"""A virtual PN532 on a pseudo-terminal: the bridge, nfcpy and pyserial open it like any serial port.

In a demo the door process starts one for each reader named by `tty:pty:NAME`. The port is FOLDER/pn532-NAME;
over FOLDER/pn532-NAME.sock any process may put a card into its field (pn532_card.py). The cable is a flag
file: while it is unplugged there is no port, and a program that has it open sees it end.
"""

import argparse
import contextlib
import os
import pty
import select
import socket
import sys
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from firmware_bridge import virtual_port
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.air import Frame, from_datagram, to_datagram
from firmware_bridge.simulator.pn532 import Pn532
from firmware_bridge.simulator.pn532_card import MAX_FRAME, POWER_UP, SILENCE
from firmware_bridge.simulator.pn532_files import port_file, socket_path
from firmware_bridge.simulator.uart import BAUD_OF, misheard

_TICK = 0.02
_CARD_SECONDS = 0.1  # a card answers within milliseconds; a hanging card process must not hold the chip


class Port:
    """The chip and its line; each `step` reads cable and speed."""

    def __init__(
        self,
        file: Path,
        is_unplugged: Callable[[], bool] = lambda: False,
        chip: Pn532 | None = None,
        fixed_speed: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`fixed_speed`: the only speed of a board that ignores commands to change it."""
        self.chip = chip or Pn532()
        self._file, self._is_unplugged, self._fixed_speed = file, is_unplugged, fixed_speed
        self._ends: tuple[int, int] | None = None
        self._check_cable()

    def step(self, beside: list[socket.socket] | None = None) -> list[socket.socket]:
        """Wait for the next event, at most a tick; return the sockets of `beside` that are readable."""
        self._check_cable()
        watched: list[int | socket.socket] = [*(beside or ())]
        if self._ends is not None:
            watched.append(self._ends[0])
        ready = select.select(watched, [], [], _TICK)[0]
        if self._ends is not None and self._ends[0] in ready:
            self._serve(self._ends[0])
        return [one for one in ready if isinstance(one, socket.socket)]

    def close(self) -> None:
        virtual_port.withdraw(self._file)
        for end in self._ends or ():
            os.close(end)
        self._ends = None

    def _serve(self, master: int) -> None:
        with contextlib.suppress(BlockingIOError):
            heard = os.read(master, 4096)
            speed, fixed = BAUD_OF.get(termios.tcgetattr(master)[5], 0), self._fixed_speed()
            if fixed is None:
                os.write(master, self.chip.hear(heard, speed))
            else:
                os.write(master, misheard(self.chip.hear(misheard(heard, speed, fixed)), fixed, speed))

    def _check_cable(self) -> None:
        """Read the cable. A chip without power forgets everything."""
        unplugged = self._is_unplugged()
        if unplugged and self._ends is not None:
            self.close()
        elif not unplugged and self._ends is None:
            self.chip.power_on()
            master, slave = pty.openpty()
            tty.setraw(slave, termios.TCSANOW)
            os.set_blocking(master, False)
            self._ends = master, slave
            virtual_port.publish(self._file, slave)


class HeldCard:
    """A card in the field whose face is in another process, which answers or is silent."""

    was_read = False  # only the card's own process knows

    def __init__(self, card: socket.socket, gone: Callable[["HeldCard"], None]) -> None:
        self._card, self._gone = card, gone
        card.settimeout(_CARD_SECONDS)

    def fileno(self) -> int:
        return self._card.fileno()

    def power_up(self) -> None:
        self._exchange(POWER_UP)

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        answer = self._exchange(to_datagram(bitrate, command))
        return None if answer == SILENCE else from_datagram(answer)

    def _exchange(self, what: bytes) -> bytes:
        answer = b""
        with contextlib.suppress(OSError):
            self._card.send(what)
            answer = self._card.recv(MAX_FRAME)
        if not answer:
            self._gone(self)
        return answer

    def leave(self) -> None:
        self._card.close()


def serve(port: Port, listener: socket.socket, alive: Callable[[], bool]) -> None:
    """Serve while `alive` returns True."""
    cards: list[HeldCard] = []

    def gone(card: HeldCard) -> None:
        port.chip.field.remove(card)
        if card in cards:
            cards.remove(card)
            card.leave()

    while alive():
        if listener in port.step([listener]):
            card = HeldCard(listener.accept()[0], gone)
            port.chip.field.add(card)
            cards.append(card)
    for card in list(cards):
        gone(card)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="firmware_bridge.simulator.pn532_port", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the data folder's simulator/")
    parser.add_argument("--name", required=True, help="the port's name in genkan.toml")
    parser.add_argument("--reader", required=True, help="the reader's name, for its cable")
    values = parser.parse_args(arguments)
    folder, reader = values.folder, values.reader
    port = Port(
        port_file(folder, values.name),
        lambda: cable.is_unplugged(folder, reader),
        fixed_speed=lambda: cable.speed(folder, reader),
    )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with socket_path(folder, values.name) as path:
        Path(path).unlink(missing_ok=True)
        listener.bind(path)
    listener.listen(8)
    parent = os.getppid()
    with contextlib.suppress(KeyboardInterrupt):
        serve(port, listener, lambda: os.getppid() == parent)  # it ends with its parent process
    port.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
