"""Readers on a serial line: a PN532 or an Arygon, opened with nfcpy over pyserial.

nfcpy leaves these faults, which this module fixes:
* It opens a port that another program reads; then neither gets whole frames. A lock keeps the second program
  out.
* It sets a PN532 to the highest speed the port supports, which it finds out through a shell. The chip keeps
  that speed, so the bridge after a killed one would never hear it. Here the chip stays at the first speed;
  one found at another speed (another program was killed) is called back.
* termios.error is not an OSError: a cable pulled between two polls would look like nonsense from a card.
"""

import errno
import importlib
import logging
import os
import re
import termios
from pathlib import Path
from typing import Any

import serial
from nfc.clf import pn532
from nfc.clf import transport as nfc_transport
from nfc.clf.device import tty_driver_list

from firmware_bridge import virtual_port
from firmware_bridge.nfc.card_poll import ReaderTrouble
from firmware_bridge.problems import Problem, ProblemCode

TRANSPORT_MS = 1000
PATIENCE_MS = 250  # a busy Pi or a slow adapter may take longer than the 50 to 100 ms nfcpy waits for an ACK
# The speeds that nfcpy sets come first.
_OTHER_SPEEDS = (921_600, 460_800, 230_400, 57_600, 38_400, 19_200, 9600)
_FIRST_SPEED = 115_200
_WAKE_UP = bytes(10)
_FOREIGN = Problem(ProblemCode.WRONG_DEVICE_OR_SPEED, {"baud": _FIRST_SPEED})
_SILENT = Problem(ProblemCode.NO_ANSWER_ON_SERIAL, {"baud": _FIRST_SPEED})
_PLAIN = re.compile(r"/dev/[\w/.-]+")  # nfcpy passes the name to a shell


class _NoShell:
    """Replaces `os` in nfcpy's PN532 driver: answers that the port supports no higher speed."""

    strerror = staticmethod(os.strerror)

    @staticmethod
    def system(command: str) -> int:
        return 1


pn532.os = _NoShell


class GarbledFrame(OSError):
    """The bytes are not a frame: noise, or a device of another kind."""


class _Port(serial.Serial):  # type: ignore[misc]
    """A port whose timeout is set without effect on the line: nfcpy sets it before each read, and pyserial
    would then configure the whole line again.
    """

    @property
    def timeout(self) -> float | None:
        seconds: float | None = self._timeout
        return seconds

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._timeout = seconds


class CappedTty(nfc_transport.TTY):  # type: ignore[misc]
    """nfcpy's serial transport, alone on its port, with a limit on every wait and OSError for every loss."""

    patience_ms = PATIENCE_MS

    def open(self, port: str, baudrate: int = 115200) -> None:
        self.close()
        self.tty: Any = _Port(port, baudrate, timeout=0.05, write_timeout=TRANSPORT_MS / 1000, exclusive=True)

    def read(self, timeout: int) -> Any:
        try:
            return super().read(max(capped(timeout), self.patience_ms))
        except IndexError:  # nfcpy reads a length from less than a frame
            raise GarbledFrame(errno.EIO, os.strerror(errno.EIO)) from None

    def write(self, frame: Any) -> None:
        try:
            super().write(frame)
        except termios.error as error:
            raise OSError(*error.args) from error

    def close(self) -> None:
        try:
            super().close()
        except (OSError, termios.error):  # the line is gone
            tty, self.tty = self.tty, None
            tty.close()


def open_reader(path: str) -> Any:
    """Open `path`: tty:NAME[:DRIVER] in nfcpy's syntax, or tty:/dev/…[:DRIVER]. None if there is no such
    port.

    Raises ReaderTrouble EPROTO if another kind of device answers, ETIMEDOUT if nothing answers; a wrong speed
    can cause either.
    """
    names, driver = _ports(path)
    problem: OSError | None = None
    for module in [driver] if driver else tty_driver_list:
        for name in names:
            try:
                device = _start(module, CappedTty(name))
            except OSError as error:
                problem = error
                continue
            device._path = name
            return device
    if problem is not None:
        raise problem
    return None


def _ports(path: str) -> tuple[list[str], str]:
    """Device files, and the driver's name if the path gives one."""
    if not path.startswith("tty:/"):
        names, driver, _ = nfc_transport.TTY.find(path) or ((), "", False)
        return list(names), driver
    file, _, driver = path.removeprefix("tty:").rpartition(":")
    if driver not in tty_driver_list:
        file, driver = path.removeprefix("tty:"), ""
    # The link's present target: the link stays with the plug, its target gets a new number at every start.
    real = os.path.realpath(file)
    if not Path(file).exists() or virtual_port.is_astray(file):
        return [], driver
    if not (_PLAIN.fullmatch(real) and Path(real).is_char_device()):
        raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
    return [real], driver


def _start(module: str, transport: CappedTty) -> Any:
    init = importlib.import_module(f"nfc.clf.{module}").init
    name = transport.port
    try:
        try:
            return init(transport)
        except OSError:
            if module != "pn532" or not _call_back(transport, name):
                raise
        return init(transport)
    except OSError as error:
        transport.close()  # or the next try finds the port busy
        if error.errno == errno.ENODEV or isinstance(
            error, GarbledFrame
        ):  # nfcpy: not the answer it waited for
            raise ReaderTrouble(_FOREIGN, errno.EPROTO) from error
        if error.errno == errno.ETIMEDOUT:
            raise ReaderTrouble(_SILENT, errno.ETIMEDOUT) from error
        raise
    except BaseException:
        transport.close()
        raise


def _call_back(transport: CappedTty, name: str) -> bool:
    """Set a chip that a killed bridge left at another speed to the first speed."""
    transport.patience_ms = 0  # there are many speeds to try, and the door waits for a heartbeat
    for speed in _OTHER_SPEEDS:
        try:
            transport.open(name, speed)
            transport.write(_WAKE_UP)
            pn532.Chipset(transport, logging.getLogger("nfc")).set_serial_baudrate(_FIRST_SPEED)
            transport.tty.flush()  # the chip changes its speed on our ACK, so send it before the port closes
        except (OSError, termios.error, pn532.Chipset.Error):  # report the first error
            continue
        transport.patience_ms = PATIENCE_MS
        return True
    return False


def capped(timeout_ms: float | None) -> int:
    """nfcpy's 0 means without limit."""
    return int(min(timeout_ms or TRANSPORT_MS, TRANSPORT_MS))
