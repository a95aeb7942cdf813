"""Runs the door service as a process of its own."""

import contextlib
import logging
import os
import sys

from controller.assembly.service import DoorService
from controller.config import Config
from controller.errors import ConfigError
from controller.memory import give_memory_back
from controller.runtime.limits import USUAL, Limits

log = logging.getLogger(__package__)

_TURN_S = 0.0005  # Python's default is 5 ms


def keep_turns_short() -> None:
    """Let a thread that waits for the interpreter have it within 0.5 ms: a tap passes from thread to thread
    while a chore computes in another.
    """
    sys.setswitchinterval(_TURN_S)


def run_door(config: Config, config_problem: ConfigError | None = None, limits: Limits = USUAL) -> int:
    """Run the door service until `end` is called or one of its threads dies; return the exit status.

    `config_problem`: why `config` is the last good copy and not the present genkan.toml.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    give_memory_back()
    keep_turns_short()
    opened = contextlib.ExitStack()
    service: DoorService | None = None
    try:
        with opened:
            service = DoorService(config, opened, config_problem, limits=limits)
            return service.run()
    finally:  # also if `run` raises
        if service is not None and service.still_running:
            names = ", ".join(service.still_running)
            log.error("the process ends without closing its files: %s", names, exc_info=sys.exc_info()[1])
            logging.shutdown()
            os._exit(1)  # closing a database under a thread that uses it, or ending Python's, may crash
