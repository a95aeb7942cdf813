"""The install window: ten minutes in which a reader accepts its key under the default key.

A file beside the key records when it was opened, by the kernel's boot id and its clock that never goes back.
So it ends by itself, a restart of the machine ends it, and setting the wall clock does not extend it.
"""

import json
import time
from pathlib import Path

WINDOW_MS = 10 * 60 * 1000


def window_file(folder: Path, reader: str) -> Path:
    return folder / f"{reader}.install"


def this_boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def boot_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def open_window(folder: Path, reader: str, boot: str, now_ms: int) -> None:
    from firmware_bridge.osdp.keys import store

    store(window_file(folder, reader), json.dumps({"boot": boot, "boot_ms": now_ms}).encode("ascii"))


def close_window(folder: Path, reader: str) -> None:
    window_file(folder, reader).unlink(missing_ok=True)


def mark(folder: Path, reader: str) -> int:
    """Identifies this opening of the window; 0 if there is none."""
    try:
        return window_file(folder, reader).stat().st_mtime_ns
    except OSError:
        return 0


def is_open(folder: Path, reader: str, boot: str, now_ms: int) -> bool:
    """Anything that is not clearly an open window is closed."""
    try:
        window = json.loads(window_file(folder, reader).read_bytes())
        return window["boot"] == boot and 0 <= now_ms - int(window["boot_ms"]) < WINDOW_MS
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False
