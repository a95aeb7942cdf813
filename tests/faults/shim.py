"""The C library between a program and its disk (shim.c): how to build it, load it and steer it."""

import mmap
import os
import shutil
import struct
import subprocess
from enum import IntFlag
from pathlib import Path
from types import TracebackType

SOURCE = Path(__file__).with_name("shim.c")
_FIELDS = (
    "countdown",
    "error",
    "lasting",
    "kinds",
    "delay_ms",
    "writes",
    "bytes",
    "syncs",
    "names",
    "failed",
)
_SIZE = 8 * len(_FIELDS)


class Kind(IntFlag):
    """Operations that a test can cause to fail.

    GROWING leaves of the writes only those that need room; OPENS lets lock files and journal/alive be.
    """

    WRITES = 1
    SYNCS = 2
    NAMES = 4
    GROWING = 8
    OPENS = 16


def compiler() -> str | None:
    return shutil.which("gcc") or shutil.which("cc")


def build(folder: Path) -> Path:
    """Needs gcc and the C library's headers (Debian: gcc libc6-dev)."""
    library = folder / "shim.so"
    built = subprocess.run(
        [compiler() or "gcc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, (
        f"shim.c cannot be built (Debian: apt-get install gcc libc6-dev): {built.stderr}"
    )
    return library


def environment(
    library: Path, folder: Path, control: Path | None = None, trace: Path | None = None
) -> dict[str, str]:
    """For the process to be watched; `folder` must exist."""
    wanted = {"LD_PRELOAD": str(library), "FAULTS_FOLDER": str(folder)}
    if control is not None:
        wanted["FAULTS_CONTROL"] = str(control)
    if trace is not None:
        wanted["FAULTS_TRACE"] = str(trace)
    return wanted


class Control:
    """The shim's levers and counters; a file that the test and the watched processes map at the same time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        if not file.exists():
            file.write_bytes(bytes(_SIZE))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _SIZE)

    def __enter__(self) -> "Control":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._map.close()

    def fail(self, nth: int, error: int, kinds: Kind, lasting: bool = False) -> None:
        """The nth operation of `kinds` from now fails with this errno; `lasting`: all later ones too."""
        self.heal()
        for name, value in (("error", error), ("lasting", int(lasting)), ("kinds", int(kinds))):
            self._set(name, value)
        self._set("countdown", nth)

    def kill(self, nth: int, kinds: Kind) -> None:
        """The program is killed in place of the nth operation."""
        self.fail(nth, -9, kinds)

    def heal(self) -> None:
        self._set("countdown", 0)

    def slow(self, delay_ms: int) -> None:
        """Each sync takes this much longer."""
        self._set("delay_ms", delay_ms)

    def __getattr__(self, name: str) -> int:
        if name not in _FIELDS:
            raise AttributeError(name)
        value: int = struct.unpack_from("<q", self._map, 8 * _FIELDS.index(name))[0]
        return value

    @property
    def operations(self) -> int:
        """Writes and syncs so far, those that failed included."""
        return self.writes + self.syncs + self.failed

    def _set(self, name: str, value: int) -> None:
        struct.pack_into("<q", self._map, 8 * _FIELDS.index(name), value)


def watched_environment(wanted: dict[str, str]) -> dict[str, str]:
    return os.environ | wanted
