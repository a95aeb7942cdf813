"""The files of a virtual RS-485 line in the simulator's folder, and the calls that hold cards to its readers.

Without libosdp, so that any process can import it.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

MAX_REQUEST = 1024
DELIVERY_SECONDS = 8.0


def port_file(folder: Path, line: str) -> Path:
    return folder / f"osdp-{line}"


def key_file(folder: Path, reader: str) -> Path:
    """The key of the virtual reader; without the file the reader is new."""
    return folder / f"osdp-{reader}.key"


def relay_file(folder: Path, reader: str) -> Path:
    """The file that exists while the relay in the virtual reader pulls."""
    return folder / f"osdp-{reader}.relay"


def present(folder: Path, line: str, reader: str, bits: int, data: bytes) -> None:
    """Hold a card to a reader of a running virtual line; raises OSError or ValueError with one sentence."""
    _request(folder, line, {"reader": reader, "bits": bits, "data": data.hex()})


def key_in(folder: Path, line: str, reader: str, digits: str) -> None:
    """Press these keys, one by one, and then #; raises OSError or ValueError with one sentence."""
    _request(folder, line, {"reader": reader, "keys": digits})


def _request(folder: Path, line: str, request: dict[str, object]) -> None:
    try:
        with socket_path(folder, line) as path, socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(DELIVERY_SECONDS + 10)
            caller.connect(path)
            caller.sendall(json.dumps(request).encode("ascii") + b"\n")
            answer = json.loads(caller.makefile("rb").readline(MAX_REQUEST))
    except (OSError, ValueError) as error:
        raise OSError(
            f"No virtual line {line} answers in {folder}; start it with `genkan run` on that folder."
        ) from error
    if answer.get("ok") is not True:
        raise ValueError(str(answer.get("error", "The line gave no reason.")))


@contextlib.contextmanager
def socket_path(folder: Path, line: str) -> Iterator[str]:
    """A path short enough for a Unix socket (107 bytes) however deep the folder lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/osdp-{line}.sock"
    finally:
        os.close(descriptor)
