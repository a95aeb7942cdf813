"""What systemd gives a service: its state goes there (sd_notify(3)), a folder in memory comes from there."""

import os
import socket
from pathlib import Path


def is_watched() -> bool:
    """Whether systemd started this process and waits for its reports."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def runtime_folder() -> Path | None:
    """The service's folder in memory (RuntimeDirectory=), which restarts keep; None without systemd."""
    folder = os.environ.get("RUNTIME_DIRECTORY")
    return Path(folder) if folder else None


def notify(state: str) -> None:
    """`state` is READY=1, WATCHDOG=1 or STOPPING=1; sent by the code that proved it, never by a timer
    alone.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.sendto(state.encode("ascii"), address)
        except OSError:
            pass  # systemd is restarting; the next report reaches it
