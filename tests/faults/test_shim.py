"""The harness itself: does this Python's SQLite go through it, and does it do what it says."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults import shim, trace
from tests.faults.watched import Watched

Begin = Callable[..., Watched]


def python(watched: Watched, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=shim.watched_environment(watched.environment),
        cwd=watched.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_sqlite_of_this_python_is_seen(watched: Begin) -> None:
    """Otherwise (a SQLite built into Python and its own system calls) every test here would pass unseen."""
    journal = watched(trace=True)
    journal.run("journal_workload", events=3)
    assert journal.control.syncs >= 3
    assert {"C", "W", "S"} <= {operation.kind for operation in trace.read(journal.trace)}
    acknowledged = [operation.offset for operation in trace.read(journal.trace) if operation.kind == "A"]
    assert acknowledged == [1, 2, 3]


def test_every_operation_is_written_down_in_order(watched: Begin) -> None:
    folder = watched(trace=True)
    done = python(
        folder,
        "import os\n"
        "f = os.open('a', os.O_RDWR | os.O_CREAT)\n"
        "os.write(f, b'one'); os.pwrite(f, b'two', 10); os.ftruncate(f, 4); os.fsync(f); os.close(f)\n"
        "os.rename('a', 'b'); d = os.open('.', os.O_RDONLY); os.fsync(d); os.unlink('b')\n",
    )
    assert done.returncode == 0, done.stderr
    assert [(op.kind, op.path, op.second, op.offset, op.data) for op in trace.read(folder.trace)] == [
        ("C", "a", "", 0, b""),
        ("W", "a", "", 0, b"one"),
        ("W", "a", "", 10, b"two"),
        ("T", "a", "", 4, b""),
        ("S", "a", "", 0, b""),
        ("R", "a", "b", 0, b""),
        ("S", ".", "", 0, b""),
        ("U", "b", "", 0, b""),
    ]
    assert (folder.control.writes, folder.control.bytes, folder.control.syncs) == (3, 6, 2)


def test_chosen_operation_fails_once_or_from_then_on(watched: Begin) -> None:
    program = (
        "import os, json\nsaid = []\nf = os.open('a', os.O_RDWR | os.O_CREAT)\n"
        "for n in range(5):\n"
        "    try: os.pwrite(f, b'x', n); os.fsync(f); said.append(0)\n"
        "    except OSError as error: said.append(error.errno)\n"
        "print(json.dumps(said))"
    )
    io, full = errno.EIO, errno.ENOSPC
    for nth, error, kinds, lasting, wanted in (
        (3, io, shim.Kind.WRITES, False, [0, 0, io, 0, 0]),
        (3, full, shim.Kind.SYNCS, True, [0, 0, full, full, full]),
        (3, io, shim.Kind.WRITES | shim.Kind.SYNCS, False, [0, io, 0, 0, 0]),
    ):
        folder = watched()
        folder.control.fail(nth, error, kinds, lasting)
        assert json.loads(python(folder, program).stdout) == wanted


def test_program_is_killed_at_the_chosen_operation(watched: Begin) -> None:
    folder = watched()
    folder.control.kill(2, shim.Kind.NAMES)
    done = python(folder, "for name in 'abc': open(name, 'w').close()")
    assert done.returncode == -9
    assert [file.name for file in folder.folder.iterdir()] == ["a"]


def test_what_lies_outside_the_folder_is_left_alone(watched: Begin, tmp_path: Path) -> None:
    folder = watched(trace=True)
    folder.control.fail(1, errno.EIO, shim.Kind.WRITES | shim.Kind.SYNCS | shim.Kind.NAMES, lasting=True)
    assert python(folder, f"open({str(tmp_path / 'x')!r}, 'w').write('y')").returncode == 0
    assert not list(trace.read(folder.trace))
