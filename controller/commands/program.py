"""The program that `genkan run` starts for each service, and its limits; tests use other limits."""

import sys
from dataclasses import dataclass, field

from controller.runtime.limits import USUAL, Limits


@dataclass(frozen=True)
class TapLimits:
    """How many seconds `genkan tap` waits."""

    reader_s: float = 10.0  # for a reader to poll the badge
    answer_s: float = 6.0  # the door refuses after 2 s if its journal is slow; a busy machine needs longer


@dataclass(frozen=True)
class Program:
    """`module` starts the services of `genkan run`, so that they have the same limits."""

    module: str = "controller.main"
    limits: Limits = USUAL
    tap: TapLimits = field(default_factory=TapLimits)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", self.module, *arguments]
