"""`genkan log verify` of a signed log beside a bare loop that hashes the same leaves and nodes."""

import contextlib
import hashlib
import itertools
import sqlite3
import subprocess
import sys
import time
from datetime import UTC
from pathlib import Path

from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.moment import ClockState, Moment
from deploy.verify import genkan_verify
from tests.benchmarks import fill
from tests.benchmarks.measure import median, print_ratio, proc_status

_ROUNDS = 3
_MEMORY_MB = 64


def run(folder: Path, size: int, rounds: int = _ROUNDS) -> None:
    log = signed_log(folder / f"signed-{size}", size)
    theirs, ours = [], []
    for _ in range(rounds):
        theirs.append(_hashes(log))
        ours.append(_verify(log))
    note = f"{median(ours):.2f} s / {median(theirs):.2f} s"
    print_ratio(
        f"verify {size:,} records / hashing their leaves and nodes", median(ours) / median(theirs), 3.0, note
    )
    print_ratio("memory of that verify, MB", _memory(log), _MEMORY_MB)
    month = signed_log(folder / f"signed-{size // 10}", size // 10)
    print_ratio(
        f"verify a month of {size // 10:,} records, s", median([_verify(month) for _ in range(rounds)]), 5.0
    )


def signed_log(folder: Path, size: int) -> Path:
    """A data folder with a log as a door writes it, a checkpoint at every 100 records."""
    if (folder / "filled").exists():
        return folder
    for name in ("journal", "keys/door", "keys/shared"):
        (folder / name).mkdir(parents=True)
    with Journal.open(folder / "journal" / "journal.db", "0" * 12) as journal:
        sealing = Sealing(journal, folder / "keys", UTC)
        sealing.start_log(Moment(fill.BEGAN, 0, "b" * 32, ClockState.TRUSTED))
        stream = fill.events(journal.newest_seq + 1, size)
        while events := list(itertools.islice(stream, SEAL_EVERY)):
            journal.append(events)
            sealing.seal(events[-1].at, CheckpointCause.EVENTS)
            journal.empty_wal_if_idle()
    (folder / "filled").touch()
    return folder


def _hashes(log: Path) -> float:
    """Only the hashing: bodies in memory, a plain stack of subtrees."""
    with sqlite3.connect(f"file:{log}/journal/journal.db?mode=ro", uri=True) as connection:
        took, after, index, sha256 = 0.0, 0, 0, hashlib.sha256
        peaks: list[bytes] = []
        while rows := connection.execute(
            "SELECT seq, CAST(body AS BLOB) FROM events WHERE seq > ? LIMIT 100000", (after,)
        ).fetchall():
            after = rows[-1][0]
            bodies = [body for _, body in rows]
            began = time.perf_counter()
            for body in bodies:
                hash, at = sha256(b"\x00" + body).digest(), index
                while at & 1:
                    hash = sha256(b"\x01" + peaks.pop() + hash).digest()
                    at >>= 1
                peaks.append(hash)
                index += 1
            took += time.perf_counter() - began
    return took


def _size(log: Path) -> int:
    with sqlite3.connect(f"file:{log}/journal/journal.db?mode=ro", uri=True) as connection:
        return int(connection.execute("SELECT max(seq) FROM events").fetchone()[0])


def _verify(log: Path) -> float:
    began = time.perf_counter()
    found = genkan_verify.answer(data=log)
    if found.code or not found.sentence.startswith(f"OK: {_size(log):,} records"):
        raise SystemExit(found.sentence)
    return time.perf_counter() - began


def _memory(log: Path) -> float:
    """Of the program itself; its helper holds a few thousand records."""
    program, most = [sys.executable, "-I", genkan_verify.__file__, "folder", str(log)], 0.0
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            with contextlib.suppress(LookupError, subprocess.TimeoutExpired):
                most = max(most, proc_status(child.pid, "VmHWM"))
                child.wait(0.05)
    if child.returncode:
        raise SystemExit(f"{program} ended with {child.returncode}")
    return most
