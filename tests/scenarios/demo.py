"""A running demo, and the hands and eyes of somebody standing in front of it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from controller.commands import tap as tapping
from controller.commands.demo_config import demo_config
from controller.commands.program import Program, TapLimits
from controller.config import load
from controller.errors import GenkanError
from controller.journal.query import JournalReader
from firmware_bridge.simulator import trace
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace
from tests.controller.commands.command import Answer, done
from tests.controller.commands.command import genkan as in_this_process
from tests.firmware_bridge.nfc.field import held
from tests.ports import free_port
from tests.waiting import LONG, until

SAMPLE = "0101031284C0FFEE"
STRANGER = "01010312DEAD0001"
RELEASE_MS = 10_000
LONG_RELEASE = {"release_time = 5.0": "release_time = 10.0"}  # the longest: busy machines walk slowly
USUAL_PROGRAM, PATIENT_PROGRAM = Program().module, "tests.scenarios.patient_program"
Line = dict[str, Any]


def genkan(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """The program itself, as a person would start it."""
    return subprocess.run(
        [sys.executable, "-m", "controller.main", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def patient(answer_s: float = LONG, reader_s: float = LONG) -> Program:
    """A program whose `genkan tap` waits so long for a reader's poll and the door's answer."""
    return Program(tap=TapLimits(reader_s, answer_s))


def processes() -> Iterator[tuple[int, int, list[str]]]:
    """Process id, parent and command line of all that live."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if state != "Z":
            yield int(folder.name), int(parent), words


class Demo:
    """`genkan run --demo` on a data folder; `settings` changes lines of the genkan.toml it would write.

    A record may take its time, as with `tests.patience.PATIENT`, unless `program` is USUAL_PROGRAM.
    """

    def __init__(
        self,
        data: Path,
        settings: dict[str, str] | None = None,
        environment: dict[str, str] | None = None,
        program: str = PATIENT_PROGRAM,
        before: Sequence[str] = (),
    ) -> None:
        """`before` is put in front of the command that starts it."""
        self.data = data
        self.port = free_port()
        self.printed = ""
        self._environment = os.environ | (environment or {})
        self._program = Program(program)
        self._before = before
        if settings:
            self._configure(settings)
        self.start()

    def _configure(self, settings: dict[str, str]) -> None:
        config = demo_config(self.port)
        for line, becomes in settings.items():
            assert line in config
            config = config.replace(line, becomes)
        self.data.mkdir(parents=True)
        (self.data / "genkan.toml").write_text(config, "utf-8")

    def start(self) -> None:
        self.output = self.data.parent / f"{self.data.name}-output.txt"
        words = ["run", "--demo", "--data", str(self.data), "--port", str(self.port)]
        with self.output.open("ab") as output:
            self._begin = output.tell()
            self.process = subprocess.Popen(
                [*self._before, *self._program.command(*words)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
            )
        until(self._announced, 2 * LONG, "the demo announces its page")

    def _announced(self) -> bool:
        self.printed = self.output.read_bytes()[self._begin :].decode("utf-8", "replace")
        assert self.process.poll() is None, f"the demo ended: {self.printed}"
        return "genkan tap" in self.printed

    @property
    def page(self) -> str:
        found = re.search(r"https?://\S+", self.printed)
        assert found is not None
        return found.group().rstrip("/")

    @property
    def set_up_code(self) -> str:
        found = re.search(r"^Set-up code:\s+(\S+)$", self.printed, re.M)
        assert found is not None
        return found.group(1)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def command(self, *arguments: str) -> str:
        """`genkan WORDS --data DATA`, which must succeed; what it printed."""
        return done(in_this_process(*arguments, "--data", self.data, program=patient())).text

    def tap(
        self,
        idm: str = SAMPLE,
        reader: str = "entrance-in",
        hold: float = 0,
        answer_within: float | None = None,
    ) -> str:
        """Wait for the reader, tap, and return the door's answer.

        The card stays until the answer, or for `hold` seconds: on a busy machine the answer of a card that
        leaves after one poll may come too late for the reader.
        """
        until(lambda: self._is_there(reader), what=f"{reader} is online")
        if not hold:
            return self._tap_until_answered(idm, reader)
        words = ("tap", "--reader", reader, "--idm", idm, "--hold", str(hold))
        if answer_within is None:
            return self.command(*words).strip()
        answer = in_this_process(*words, "--data", self.data, program=patient(answer_within))
        return (answer.text or answer.err).strip()

    def _tap_until_answered(self, idm: str, reader: str) -> str:
        config = load(self.data / "genkan.toml")
        answer = tapping._Answer(config, config.readers[reader], within_s=LONG)
        with held(self.card(reader, idm)):
            return answer.wait()

    def card(self, reader: str, idm: str = SAMPLE) -> VirtualCard:
        """A card to hold to this reader."""
        _, host, port = load(self.data / "genkan.toml").readers[reader].path.split(":")
        return VirtualCard((host, int(port)), FelicaFace(idm))

    def _is_there(self, reader: str) -> bool:
        """As far as the log knows; it may have been replaced."""
        lines = self.log("service_started", "reader_online", "reader_offline")
        seen_types = [line["type"] for line in lines if line["reader"] in (None, reader)]
        return seen_types[-1:] in ([], ["reader_online"])

    def sim(self, *words: str) -> str:
        return self.command("sim", *words)

    def walk_through(self) -> None:
        """Open the released door and close it behind oneself, which secures it; until the log says so."""
        until(lambda: self.level == 1, what="the door is released")
        before = self.newest
        self.sim("open")
        self.wait_for("door_opened", after=before)
        self.sim("close")
        self.wait_for("door_closed", after=before)
        until(lambda: self.level == 0, what="the door is secured")
        self.wait_for("lock_secured", after=before)

    def trace(self) -> list[Line]:
        """The pin changes as `genkan sim trace` prints them; a wait reads them many times a second."""
        return [dict(change) for change in trace.read(self.data / "simulator" / "trace.jsonl")]

    @property
    def level(self) -> int:
        """The lock's pin now; 1 is released."""
        return int(
            ([0] + [change["level"] for change in self.trace() if change["name"] == "entrance.lock"])[-1]
        )

    def log(self, *types: str, after: int = 0) -> list[Line]:
        """While the door comes back from being killed, the log waits for it, and so does this."""
        listing = until(self._listing, what="the log can be shown")
        lines = [json.loads(line) for line in listing.lines]
        return [line for line in lines if line["seq"] > after and (not types or line["type"] in types)]

    def _listing(self) -> Answer | None:
        listing = in_this_process("log", "show", "--json", "--data", self.data)
        return None if "awaiting recovery" in listing.err else done(listing)

    @property
    def newest(self) -> int:
        return max((line["seq"] for line in self.log()), default=0)

    def wait_for(self, *types: str, after: int = 0, count: int = 1, seconds: float = LONG) -> list[Line]:
        """Return the records of these types after number `after`, once there are `count` of them."""
        read_to: int | None = None

        def found() -> list[Line]:
            """Show the log only after it has grown, which costs less than showing it."""
            nonlocal read_to
            newest = self._newest_now()
            if newest is not None and (newest == read_to or newest < after + count):
                return []
            read_to = newest
            records = self.log(*types, after=after)
            return records if len(records) >= count else []

        return until(found, seconds, f"{count} of {types}")

    def _newest_now(self) -> int | None:
        """Return the newest record's number; None if the log cannot be read now."""
        try:
            with JournalReader(self.data / "journal" / "journal.db") as journal:
                return journal.newest_seq()
        except GenkanError:
            return None

    def service(self, name: str) -> int:
        """The process id of this service, once it runs."""
        return until(lambda: self._child_of(self.process.pid, name), what=f"a {name} process")

    def bridge(self, reader: str = "entrance-in") -> int:
        return until(lambda: self._child_of(self.service("door"), reader), what=f"a bridge of {reader}")

    @staticmethod
    def _child_of(parent: int, word: str) -> int:
        return next((pid for pid, its, words in processes() if its == parent and word in words), 0)

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(pid, number)

    def pull_the_plug(self) -> None:
        """Kill everything at the same time; wait until nothing of it lives."""
        mine = {str(self.data), str(self.data / "genkan.toml")}
        services = self.service("door"), self.service("registrar"), self.service("web")
        self.kill(self.process.pid, signal.SIGSTOP)  # it must not start them again meanwhile
        for process in (*services, self.process.pid):
            self.kill(process)
        self.process.wait()
        until(lambda: not [words for _, _, words in processes() if mine & set(words)], what="all have ended")

    def door_answers_again(self, after: int) -> None:
        """Return whether the door process has restarted and its readers are online."""
        self.wait_for("service_started", after=after)
        self.wait_for("reader_online", after=after, count=2)


def since_boot(mono_ms: float) -> float:
    """A time of the trace (CLOCK_MONOTONIC) on the clock of the log (CLOCK_BOOTTIME)."""
    suspended = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return mono_ms + suspended * 1000
