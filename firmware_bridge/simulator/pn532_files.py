"""Where a virtual PN532 keeps its port and its field; the door needs the names and nothing of the card."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def port_file(folder: Path, name: str) -> Path:
    return folder / f"pn532-{name}"


@contextlib.contextmanager
def socket_path(folder: Path, name: str) -> Iterator[str]:
    """A path short enough for a Unix socket (107 bytes) however deep the folder lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/pn532-{name}.sock"
    finally:
        os.close(descriptor)
