"""Services as children: started again when they die, ended with their parent."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from controller.commands import children
from controller.commands.children import Child, keep_running, wait_until_ready
from controller.commands.program import Program
from tests.waiting import LONG, until

pytestmark = pytest.mark.process

GENKAN = Program()

# Stays until it is ended; says when it is ready.
FOLLOW = """
import sys
from controller.commands.children import Child, keep_running, stop_signals
from controller.commands.program import Program
with stop_signals():
    child = Child("log", Program().command("log", "follow", "--data", sys.argv[1]))
    print(child.process.pid, flush=True)
    try:
        keep_running([child])
    finally:
        child.end()
        child.wait_end(60)
"""


def parent(data: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", FOLLOW, str(data)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_child_that_ends_is_started_again_after_a_pause_and_its_end_is_reported(capfd):
    child = Child("help", GENKAN.command("--version"))
    first = child.process.pid

    def again() -> bool:
        child.restart_if_ended()
        return child.process.pid != first

    until(again)
    child.wait_end(LONG)
    assert capfd.readouterr().err == "genkan: the help service ended (0); starting it again in 0.25 s.\n"


def test_pause_grows_while_it_keeps_dying(capfd):
    # It dies immediately, however slow this machine is.
    child = Child("help", GENKAN.command("--frobnicate"), healthy_s=1000.0)
    started = {child.process.pid}

    def thrice() -> bool:
        child.restart_if_ended()
        started.add(child.process.pid)
        return len(started) > 2

    until(thrice)
    child.wait_end(LONG)
    restarts = [line for line in capfd.readouterr().err.splitlines() if "starting it again" in line]
    assert [line.split(" in ")[1] for line in restarts] == ["0.25 s.", "0.5 s."]


def test_child_that_cannot_start_is_named(capfd):
    assert wait_until_ready([Child("help", GENKAN.command("--frobnicate"))], lambda: False, LONG) == "help"
    assert "--frobnicate" in capfd.readouterr().err


def test_nothing_is_named_when_all_are_ready():
    child = Child("help", GENKAN.command("--version"))
    assert wait_until_ready([child], lambda: True, LONG) is None
    child.wait_end(LONG)


def test_parent_that_is_stopped_ends_its_child(data: Path):
    process, child = parent(data)
    process.terminate()
    assert process.wait(60) == 0
    assert is_gone(child)


@pytest.mark.timeout(30)
def test_signal_whose_exception_was_lost_ends_the_parent_at_its_next_turn():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ended: list[str | None] = []
    try:
        with children.stop_signals():
            with contextlib.suppress(children.Stopped):  # as in a finaliser
                signal.raise_signal(signal.SIGTERM)
            ended.append(wait_until_ready([], lambda: False, 5))
        with children.stop_signals():
            with contextlib.suppress(children.Stopped):
                signal.raise_signal(signal.SIGTERM)
            keep_running([])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended == []  # neither loop went on


def test_parent_killed_outright_takes_its_child_along(data: Path):
    process, child = parent(data)
    process.kill()
    process.wait(60)
    try:
        until(lambda: is_gone(child))
    finally:
        if not is_gone(child):
            os.kill(child, signal.SIGKILL)


def test_child_that_does_not_end_is_killed(data: Path):
    child = Child("log", GENKAN.command("log", "follow", "--data", str(data)))
    os.kill(child.process.pid, signal.SIGSTOP)
    child.end()
    child.wait_end(0.1)
    assert child.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)  # which, the kernel chooses
