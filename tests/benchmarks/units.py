"""The scheduling class of a shipped unit (deploy/*.service), applied to a process or thread of the benchmark.

Cgroup weights (CPUWeight=, IOWeight=) need systemd and are left out, so the door is better off in the field.
So is LimitNICE=: run as root, or the web service stays at nice 19 instead of 10 while it serves.
"""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_DEPLOY = Path(__file__).parents[2] / "deploy"
_POLICIES = {
    "other": os.SCHED_OTHER,
    "batch": os.SCHED_BATCH,
    "idle": os.SCHED_IDLE,
    "fifo": os.SCHED_FIFO,
    "rr": os.SCHED_RR,
}
_IO_CLASSES = {"none": 0, "realtime": 1, "best-effort": 2, "idle": 3}
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "armv7l": 314, "armv6l": 314}  # the system call's number
_IOPRIO_WHO_PROCESS, _IOPRIO_CLASS_SHIFT = 1, 13


def settings(unit: str) -> dict[str, str]:
    """The [Service] settings of a unit, such as `genkan-web.service`; the last of equal ones."""
    lines = (_DEPLOY / unit).read_text("utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith(("#", ";")))
    return {name.strip(): value.strip() for name, value in pairs}


def rest() -> None:
    """Put the calling thread into the idle class: the browsers would be other machines."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def joining(unit: str) -> Callable[[], None]:
    """A function that puts the calling thread, or a child between fork and exec, into the unit's class."""
    found = settings(unit)
    policy = _POLICIES[found.get("CPUSchedulingPolicy", "other")]
    priority = os.sched_param(int(found.get("CPUSchedulingPriority", "0")))
    nice = int(found.get("Nice", "0"))
    io_class = _IO_CLASSES[found.get("IOSchedulingClass", "none")]
    io = io_class << _IOPRIO_CLASS_SHIFT | int(found.get("IOSchedulingPriority", "0"))
    libc, call = ctypes.CDLL(None), _IOPRIO_SET.get(os.uname().machine)

    def join() -> None:
        os.sched_setscheduler(0, policy, priority)
        if nice:
            os.setpriority(os.PRIO_PROCESS, 0, nice)
        if call is not None and io_class:
            libc.syscall(call, _IOPRIO_WHO_PROCESS, 0, io)

    return join
