"""Opens a reader with nfcpy, with every wait capped so that a wedged reader can't hold the work loop.

nfcpy waits without limit for a USB reader that stopped answering, one second for an empty poll of its UDP
device, and measures that second by the wall clock. The subclasses here change the waits and nothing else.
"""

import errno
import importlib
import logging
import os
import select
import time
from binascii import unhexlify
from pathlib import Path
from typing import Any

import nfc.clf
from nfc.clf import transport as nfc_transport
from nfc.clf import udp as nfc_udp
from nfc.clf.device import usb_device_map

from firmware_bridge.nfc import serial_port, usb_places
from firmware_bridge.nfc.serial_port import capped

EMPTY_POLL_SECONDS = 0.05
VIRTUAL_ANSWER_SECONDS = 0.25  # a virtual card is a thread, which a busy machine may delay
_STALE = 1000  # more than a socket holds; a flood must not hold the loop


def silence_nfcpy() -> None:
    """nfcpy logs card keys and numbers at DEBUG; keep all of it from every handler."""
    logger = logging.getLogger("nfc")
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)


class CappedUsb(nfc_transport.USB):  # type: ignore[misc]
    def read(self, timeout: int = 0) -> Any:
        return super().read(capped(timeout))

    def write(self, frame: Any, timeout: int = 0) -> None:
        super().write(frame, capped(timeout))


class VirtualReader(nfc_udp.Device):  # type: ignore[misc]
    """nfcpy's UDP device, kept open. While the file `cable` exists it acts as unplugged."""

    def __init__(self, host: str, port: int, cable: Path | None = None) -> None:
        self._cable = cable
        self._check_cable()
        super().__init__(host, port)
        self._vendor_name, self._device_name, self._chipset_name = "Genkan", "virtual reader", "UDP"
        self._path = f"udp:{host}:{port}"

    def sense_tta(self, target: Any) -> Any:
        self._check_cable()
        return super().sense_tta(target)

    def sense_ttf(self, target: Any) -> Any:
        self._check_cable()
        return super().sense_ttf(target)

    def mute(self) -> None:
        """Keep the socket: there is no field to switch off, and a new port per poll would be a new reader."""

    def close(self) -> None:
        super().mute()

    def send_cmd_recv_rsp(self, target: Any, data: Any, timeout: float) -> Any:
        self._check_cable()
        self._send_data(target.brty, data, target._addr)
        return self._recv_data(timeout, target.brty, cap=VIRTUAL_ANSWER_SECONDS)[1]

    def _check_cable(self) -> None:
        if self._cable is not None and self._cable.exists():
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def _send_data(self, brty: str, data: Any, addr: Any) -> None:
        for _ in range(_STALE):  # answers to earlier commands
            if not select.select([self.socket], [], [], 0)[0]:
                break
            self.socket.recvfrom(1024)
        super()._send_data(brty, data, addr)

    def _recv_data(
        self, timeout: float | None, *brty_list: str, cap: float = EMPTY_POLL_SECONDS
    ) -> tuple[str, bytearray, Any]:
        deadline = time.monotonic() + min(timeout or cap, cap)
        while (wait := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], wait)[0]:
                break
            data, addr = self.socket.recvfrom(1024)
            words = data.split()
            if len(words) != 2:
                raise nfc.clf.TransmissionError("not a frame")
            brty, frame = words[0].decode("ascii"), bytearray(unhexlify(words[1]))
            self.rcvd_data += len(frame)
            if brty in brty_list:
                return brty, frame, addr
        raise nfc.clf.TimeoutError("no data received")


def open_device(path: str, cable: Path | None = None) -> Any:
    """Return an nfcpy device; raises OSError(ENODEV) if there is none at `path`. Odd devices raise other
    exceptions.
    """
    kind, _, rest = path.partition(":")
    if kind == "udp":
        host, _, port = rest.rpartition(":")
        return VirtualReader(host, int(port), cable)
    device = _usb(path) if kind == "usb" else serial_port.open_reader(path)
    if device is None:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    return device


def _usb(path: str) -> Any:
    bus_path = usb_places.bus_path(path)
    unknown: OSError | None = None
    problem: OSError | None = None
    for vendor, product, bus, number in nfc_transport.USB.find(bus_path) or () if bus_path else ():
        module = usb_device_map.get((vendor, product))
        if module is None:
            unknown = OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))
            continue
        try:
            device = _start(module, CappedUsb(bus, number))
        except OSError as error:
            problem = error
            continue
        device._path = f"usb:{bus:03}:{number:03}"
        return device
    if problem is not None:
        raise problem
    if (
        unknown is not None and path.count(":") > 1
    ):  # the path names one device, and nfcpy does not support it
        raise unknown
    return None


def _start(module: str, transport: Any) -> Any:
    try:
        return importlib.import_module(f"nfc.clf.{module}").init(transport)
    except BaseException:
        transport.close()  # or the next try finds the reader busy
        raise
