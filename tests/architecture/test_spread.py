"""The suite runs in groups on workers, and a test without the marker starts no child process."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.children import STARTS, ChildGuard, ChildProcessRefused
from tests.spread import HEAVY, own_processes, shuffled

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"))
TESTS = """
import os, subprocess, sys, threading, pytest

@pytest.fixture(scope="module")
def shared():
    return os.getpid()

def test_a_shares(shared, figure):
    figure(f"runs in {shared}")

def test_b_shares(shared, figure):
    figure(f"runs in {shared}")

def test_caught():
    try:
        subprocess.run([sys.executable, "-c", ""])
    except Exception:
        pass

def test_in_a_thread():
    def start():
        try:
            os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})
        except Exception:
            pass
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

@pytest.mark.process
def test_marked():
    subprocess.run([sys.executable, "-c", ""], check=True)
"""

pytestmark = pytest.mark.process


@pytest.fixture
def own_suite(tmp_path: Path) -> Path:
    """A suite of five tests under the same rules as ours."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", "utf-8")
    (tmp_path / "test_planted.py").write_text(TESTS, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PYTEST, "--rootdir", str(folder), str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_child_process_without_the_marker_fails_also_where_the_test_catches_it(own_suite: Path, workers: str):
    ran = run(own_suite, "-n", workers, "--dist", "loadgroup")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "2 failed, 3 passed" in ran.stdout, ran.stdout
    assert "test_planted.py::test_caught" in ran.stdout and "test_planted.py::test_in_a_thread" in ran.stdout
    figures = [line for line in ran.stdout.splitlines() if "shares: runs in" in line]
    assert len(figures) == 2 and len({line.split()[-1] for line in figures}) == 1, ran.stdout


def test_nothing_collected_fails_with_workers_too(own_suite: Path):
    assert run(own_suite, "-n", "2", "--dist", "loadgroup", "-k", "no_such_test").returncode == 5


def test_guard_refuses_each_way_to_start_a_child_process_while_it_is_on():
    guard = ChildGuard()
    for event in sorted(STARTS):
        with guard.refusing(), pytest.raises(ChildProcessRefused, match=event):
            sys.audit(event, "planted")
        assert guard.refused == [f"{event} 'planted'"]
        sys.audit(event, "planted")


def test_same_seed_shuffles_alike_and_keeps_each_file_together(request: pytest.FixtureRequest):
    items = request.session.items
    first, again = shuffled(items, 7), shuffled(items, 7)
    assert first == again and sorted(map(id, first)) == sorted(map(id, items))


def test_files_and_tests_that_are_named_exist() -> None:
    for named in HEAVY:
        file, _, test = named.partition("::")
        assert (ROOT / file).is_file(), named
        assert not test or f"\ndef {test}(" in (ROOT / file).read_text("utf-8"), named


def test_folders_that_test_fast_does_not_collect_have_no_test_in_process(request: pytest.FixtureRequest):
    folders = re.findall(r"--ignore=(\S+)", (ROOT / "Makefile").read_text("utf-8"))
    assert len(folders) == 3 and all((ROOT / folder).is_dir() for folder in folders)
    inside = tuple(f"{folder}/" for folder in folders)
    items = [item for item in request.session.items if item.nodeid.startswith(inside)]
    assert [item.nodeid for item in items if not own_processes(item)] == []
