"""The registrar's two sockets in DATA/run: where they are, and how a line travels on them.

`web.sock` is for the pages: each request names a session. `machine.sock` is for the command line.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "run"
WEB = "web.sock"
MACHINE = "machine.sock"
LONGEST_LINE = 64 * 1024  # bytes of a request, its newline included


def web_socket(data: Path) -> Path:
    return data / FOLDER / WEB


def machine_socket(data: Path) -> Path:
    return data / FOLDER / MACHINE


@contextmanager
def short_address(file: Path) -> Iterator[str]:
    """An address of this socket within the 107 bytes that unix(7) allows, for a path of any length."""
    folder = os.open(file.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)


def connect(file: Path, within: float) -> socket.socket:
    """Raise OSError where nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(within)
        with short_address(file) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection
