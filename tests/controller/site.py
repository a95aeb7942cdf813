"""A site in a temporary folder, and its door on virtual pins in this process."""

import atexit
import contextlib
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from controller.assembly import DoorService
from controller.config import load
from controller.errors import ConfigError
from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.model.signals import CardPresented
from controller.runtime.clock import Clock
from controller.runtime.limits import Limits
from controller.services.access import levels, schedules
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.step_door import StepClock, Turns, step_clock
from tests.patience import PATIENT, STEPPED
from tests.sample_site import CHEAP
from tests.waiting import LONG, until, waiting_in

# No readers of its own: the tests are the reader. The access points stand for in and out.
CONFIG = """
[site]
demo = true
fire_pin = 24
[doors.entrance]
lock_pin = 17
door_contact_pin = 27
rex_pin = 22
rex_releases = true
release_time = 1
[access_points.entrance-in]
door = "entrance"
direction = "in"
[access_points.entrance-out]
door = "entrance"
direction = "out"
[readers.entrance-in]
access_point = "entrance-in"
path = "udp:127.0.0.1:1"
[readers.entrance-out]
access_point = "entrance-out"
path = "udp:127.0.0.1:2"
"""
BADGE = CardNumber.parse("01 14 B3 4D 00 00 A1 B2")
STRANGER = CardNumber.parse("01 14 B3 4D 00 00 C3 D4")


def make_site(
    data: Path, door: str = "[doors.entrance]\n", release_time: int = 1, clock: StepClock | None = None
) -> Site:
    """`door` begins the section of the door, and may set more of it. With `clock` its door is a stepped one.

    A test that walks through a door that runs in real time gives the longest `release_time` (10 s): one of a
    second may be over before.
    """
    text = CONFIG.replace("[doors.entrance]\n", door)
    text = text.replace("release_time = 1\n", f"release_time = {release_time}\n")
    shutil.copytree(_ready(text, clock is not None), data)
    return Site.open(load(data / "genkan.toml"), Clock().now if clock is None else clock.now, CHEAP)


@functools.cache
def _ready(config: str, stepped: bool) -> Path:
    """Create a folder as `genkan init` does, once per process; tests get copies of it."""
    folder = tempfile.TemporaryDirectory(prefix="genkan-ready-")
    atexit.register(folder.cleanup)
    data = Path(folder.name) / "data"
    data.mkdir()
    (data / "genkan.toml").write_text(config, "utf-8")
    Site.init(load(data / "genkan.toml"), StepClock().now() if stepped else Clock().now())
    return data


def admit(site: Site, number: CardNumber = BADGE, name: str = "山田 花子") -> str:
    """A person who may always pass inward; returns the badge's id."""
    always = next(s for s in schedules.all_schedules(site.acting(MACHINE)) if s.always)
    level = levels.add(site.acting(MACHINE), f"Level of {name}", [("entrance-in", always.id)])
    person = people.add(site.acting(MACHINE), name, levels=[level.id])
    return badges.add(site.acting(MACHINE), person.id, number.hex).id


class Door:
    """The door service of a site, run by the test: the test sends the signals of its readers."""

    def __init__(
        self,
        site: Site,
        stack: contextlib.ExitStack,
        before_start: Callable[[], object] = bool,
        problem: ConfigError | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.site = site
        self.clock = step_clock(site)
        if self.clock is None:
            self.service = DoorService(site.config, stack, problem, limits=limits or PATIENT)
        else:
            self.service = DoorService(
                site.config, stack, problem, self.clock.clock(), Turns, limits or STEPPED
            )
            assert isinstance(self.service.supervision, Turns)
            self.service.supervision.clock = self.clock
            stack.enter_context(waiting_in(self.service.supervision))
        self.service.readers.clear()
        self.service.readers.update({name: _SilentReader(name) for name in site.config.readers})
        before_start()
        self.service.start()

    def present(self, reader: str, number: CardNumber = BADGE) -> None:
        self.service.on_reader_signal(CardPresented(reader, number))

    def pass_time(self, seconds: float) -> None:
        """Of a stepped door alone."""
        self.turns.pass_time(round(seconds * 1000))

    @property
    def turns(self) -> Turns:
        """Of a stepped door alone."""
        assert isinstance(self.service.supervision, Turns)
        return self.service.supervision

    @property
    def level(self) -> int:
        return int(self.service.pins.pin(17).state)

    @property
    def releases(self) -> int:
        """How often the lock was released so far; a slow test may find it secured again."""
        return sum(int(change.state) for change in list(self.service.pins.pin(17).states))

    def log(self, *types: str) -> list[dict[str, Any]]:
        with self._reader() as journal:
            return _read_log(journal, types)

    def wait_for(self, *types: str, count: int = 1, seconds: float = LONG) -> list[dict[str, Any]]:
        """Return all records of these types, once there are `count` of them."""
        with self._reader() as journal:
            read_to = -1

            def found() -> list[dict[str, Any]]:
                """Read the log only after it has grown: most polls find nothing new."""
                nonlocal read_to
                newest = journal.newest_seq()
                if newest == read_to:
                    return []
                read_to = newest
                records = _read_log(journal, types)
                return records if len(records) >= count else []

            return until(
                found, seconds, lambda: f"{count} of {types} in {[line['type'] for line in self.log()]}"
            )

    def _reader(self) -> JournalReader:
        return JournalReader(self.site.config.data / "journal" / "journal.db")


def _read_log(journal: JournalReader, types: tuple[str, ...]) -> list[dict[str, Any]]:
    return [line for line in lines(journal, 0) if not types or line["type"] in types]


class _SilentReader:
    """A reader without a card or cable; records what the door asks it to show."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.indications: list[str] = []
        self.hanging_threads: list[str] = []

    def start(self, listener: object) -> None:
        pass

    def show(self, indication: str) -> None:
        self.indications.append(indication)

    def stop(self) -> None:
        pass


@contextlib.contextmanager
def running_door(
    site: Site,
    before_start: Callable[[], object] = bool,
    problem: ConfigError | None = None,
    limits: Limits | None = None,
) -> Iterator[Door]:
    """`problem`: why the configuration is the last good one."""
    with contextlib.ExitStack() as stack:
        door = Door(site, stack, before_start, problem, limits)
        try:
            yield door
        finally:
            door.service.stop()
