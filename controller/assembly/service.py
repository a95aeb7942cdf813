"""The door service: builds every part from the configuration, starts them, and stops them."""

import contextlib
import gc
import logging
import signal
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from controller.assembly.doors import DoorWiring, door_machines, entries_of_doors
from controller.assembly.ending import Ending
from controller.assembly.lazy_retiring import RetiringLater
from controller.assembly.readers import (
    install_windows,
    open_virtual_lines,
    reader_locations,
    readers_on_lock_lines,
)
from controller.config import Config, keep_as_last_good
from controller.decision.access import SitePolicy
from controller.decision.decision import Decision
from controller.devices import Lock
from controller.drivers.bridge_reader import open_readers
from controller.errors import ConfigError, InstallerError
from controller.journal.append import Journal
from controller.journal.reserve import Reserve
from controller.journal.rights import RightsInForce
from controller.journal.state import StateFile, has_run
from controller.memory import give_code_back
from controller.model.access import Direction
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.signals import (
    CardPresented,
    CardRefused,
    PinEntered,
    ReaderSignal,
    ReleaseRequested,
    RexPressed,
)
from controller.registry.lookup import Lookup
from controller.runtime import last_good
from controller.runtime.card_keys import CardKeys
from controller.runtime.carry_out import CarryOut
from controller.runtime.clock import Clock
from controller.runtime.copy_actions import ActionCopier
from controller.runtime.data_folder import folder_alarm
from controller.runtime.decide import Decide
from controller.runtime.definitions import DefinitionsInForce, are_on_record
from controller.runtime.door_modes import DoorModes
from controller.runtime.drive import DoorAtStart, Drive
from controller.runtime.earlier_outage import EarlierOutage
from controller.runtime.erasing import Erasing
from controller.runtime.erasure_requests import ErasureRequests
from controller.runtime.heartbeat import HeartbeatChore
from controller.runtime.journal_watch import JournalWatch
from controller.runtime.judge import Judge
from controller.runtime.last_good import LastGood
from controller.runtime.limits import USUAL, Limits
from controller.runtime.live_facts import LiveFacts
from controller.runtime.log_at_start import LogAtStart
from controller.runtime.number_key import NumberKey
from controller.runtime.order_limits import OrderLimits
from controller.runtime.orders import Orders
from controller.runtime.outage import Outage
from controller.runtime.pin_entry import PinEntry
from controller.runtime.pin_flow import PinFlow
from controller.runtime.presence import LivePresence
from controller.runtime.presence_reader import PresenceReader
from controller.runtime.presence_watch import PresenceWatch
from controller.runtime.read_counters import ReadCounters
from controller.runtime.reader_threads import ReaderThreads
from controller.runtime.recorder import Recorder
from controller.runtime.registry_source import RegistrySource
from controller.runtime.registry_watch import RegistryWatch
from controller.runtime.rights_audit import RightsAudit
from controller.runtime.rights_check import RightsCheck
from controller.runtime.rights_flow import RightsFlow
from controller.runtime.sealing import Sealer
from controller.runtime.supervision import Supervision
from controller.runtime.taps import Taps
from controller.systemd import runtime_folder

log = logging.getLogger(__package__)

LOG_WITHIN_S = 1.0  # entries wait this long for the log at the start; exits never do


class DoorService:
    """Starts in this order: the lock on the folder, pins, the thread that drives them, readers; then the
    journal and the registry, each opened by the thread that uses it. Stops in the opposite order.

    So a second door process fails before it touches a pin, and people can leave before any database is open,
    in any state. Entries wait until the log is read, or cannot be.

    Files and pins are closed with `opened`, and never while a thread that uses them is alive. If a disk hangs
    they stay open, and the process must end without closing them (`still_running`).
    """

    def __init__(
        self,
        config: Config,
        opened: contextlib.ExitStack,
        config_problem: ConfigError | None = None,
        clock: Clock | None = None,
        supervise: type[Supervision] = Supervision,
        limits: Limits = USUAL,
    ) -> None:
        """`clock` does not know the journal's newest times yet (`knows_newest=False`); `supervise` runs the
        workers.
        """
        self._config = config
        self._config_problem = config_problem
        self._started = self._stopped = False
        opened.callback(self._close)
        self._opened = opened = contextlib.ExitStack()
        data = config.data
        if not any((data / name).exists() for name in ("keys", "journal", "registry")):
            raise InstallerError(f"{data} is not set up; run `genkan init --data {data}`.")
        key = NumberKey(
            data / "keys",
            lambda event: self.recorder.record(event),
            set_state=lambda **changes: self.state.set(**changes),
        )
        self._journal = Journal.for_door(
            data / "journal" / "journal.db", config.version, limits.journal_busy_ms
        )
        opened.callback(self._journal.close)
        open_lookup = partial(Lookup, data / "registry" / "registry.db")

        def opened_rights() -> RightsInForce:
            """For one thread."""
            rights = RightsInForce(data / "journal" / "journal.db")
            opened.callback(rights.close)
            return rights

        self.clock = clock or Clock(knows_newest=False)
        self.log_at_start = LogAtStart(self.clock, config.doors, has_run(data / "journal"))
        self.last_good = LastGood(
            open_lookup=open_lookup,
            file=data / "journal" / last_good.FOLDER / "registry.db",
            now=self.clock.now,
            keep_config=self._keep_config,
            limits=limits,
            is_on_record=partial(are_on_record, in_force=opened_rights()),
        )
        presence_reader = PresenceReader(data / "journal" / "journal.db")
        presence = LivePresence(presence_reader, limits)

        def appended(first: int, events: Sequence[Event]) -> None:
            self.log_at_start.lockdowns.appended(events)
            presence.appended(first, events)

        self._journal.appended = appended
        self.state = StateFile(data / "journal", self.clock.now, runtime_folder())
        self.last_good.report = lambda created, version: self.state.set(
            copy_utc=created, copy_version=version
        )
        if config_problem is not None:
            self.state.set(
                config="last_good",
                config_problem=config_problem.code.value,
                config_problem_fields=config_problem.fields,
            )
        self.reserve = Reserve(data / "journal", limits.reserve_bytes)

        self._wiring = DoorWiring(config, opened)
        self.pins = self._wiring.pins
        self.is_active = self._wiring.is_active
        self._sealer = Sealer(
            journal=self._journal,
            keys=data / "keys",
            time_zone=config.site.time_zone,
            now=self.clock.now,
            set_state=self.state.set,
        )
        self.card_keys = CardKeys(
            open_lookup=open_lookup,
            keys=data / "keys",
            hash_number=key.hash,
            last_good=self.last_good,
            record=lambda event: self.recorder.record(event),
            now=self.clock.now,
        )
        opened.callback(self.card_keys.close)
        copier = ActionCopier(
            open_lookup,
            key.read,
            self.clock.now,
            self._sealer.request,
            correct_clock=self.clock.correct,
            set_rolled_back=lambda is_so: self.state.set(registry_rolled_back=is_so),
        )
        remember = frozenset(d.name for d in config.doors.values() if d.when_journal_fails == "remember")
        self.recorder = Recorder(
            self._journal,
            woken=[copier],
            idle=[
                copier.retry,
                EarlierOutage(self.state, self.clock.now),
                self.log_at_start.close_open_grants,
                HeartbeatChore(self.clock.now, self.clock.mono_ms),
                Erasing(
                    open_lookup,
                    ErasureRequests(config.people.erase_after, key.read),
                    self.clock.now,
                    request_checkpoint=self._sealer.request,
                    renewed=self.last_good.covers,
                ),
                RightsAudit(open_lookup, config.site.time_zone, self.clock.now),
                RetiringLater(config, opened, self.clock.now, self._sealer.request),
                self.card_keys.warm,
            ],
            now=self.clock.now,
            now_ms=self.clock.mono_ms,
            sealer=self._sealer,
            hold_ms=limits.follower_hold_ms,
            outage=Outage(
                folder=data / "journal",
                remember=remember,
                reserve=self.reserve,
                set_state=self.state.set,
                limits=limits,
            ),
        )
        self.journal_watch = JournalWatch(
            file=data / "journal" / "journal.db",
            fail=self.recorder.fail,
            record=self.recorder.record,
            set_state=self.state.set,
            now=self.clock.now,
            limits=limits,
        )
        locks: dict[str, Lock] = {}
        machines = door_machines(config, limits)
        self.drive = Drive(
            machines=machines,
            locks=locks,
            record=self.recorder.record,
            clock=self.clock,
            now_ms=self.clock.mono_ms,
        )
        self._wiring.open_contacts(self.drive.post)
        # Fire and the exit buttons are read before a lock is claimed.
        self.readers = open_readers(
            config, self.card_keys.find_key, limits.bridge_short_lives, limits.reader_returns
        )
        for door in config.doors.values():
            locks[door.name] = self._wiring.open_lock(door, self.readers, self.clock.mono_ms)
        open_virtual_lines(config, opened)
        carry_out = CarryOut(
            recorder=self.recorder, drive=self.drive, readers=self.readers, presence=presence, limits=limits
        )
        site = SitePolicy(config.site.time_zone, config.site.when_clock_untrusted, config.site.day_ends)
        door_of = {point.name: point.door for point in config.access_points.values()}
        watch = PresenceWatch(self.state.set, limits)
        rights = opened_rights()
        refuses = config.log.unaccounted == "refuse"
        self.live_facts = LiveFacts(
            site=site,
            door_of=door_of,
            presence=presence,
            watch=watch,
            definitions=DefinitionsInForce(rights, refuses),
            lockdowns=self.log_at_start.lockdowns,
        )
        self.modes = DoorModes(entries_of_doors(config), carry_out, self.drive.door_status, limits)
        registry = RegistrySource(open_lookup, self.last_good, carry_out.record, self._registry_state)
        orders = Orders(
            carry_out=carry_out,
            doors=config.doors,
            readers=config.readers,
            install=install_windows(config, self.readers),
        )
        check = RightsCheck(
            in_force=rights,
            has_more_actions=copier.has_more,
            record=carry_out.record,
            remember=remember,
            refuses=refuses,
            is_rolled_back=lambda: self.state.now.registry_rolled_back,
        )
        self.registry_watch = RegistryWatch(
            registry,
            orders,
            self.live_facts,
            self.modes,
            rights=check,
            record=carry_out.record,
            registry_changed=self._registry_changed,
            orders_done=self.log_at_start.orders_done,
            order_limits=OrderLimits(key.read, lambda: self.state.now.registry_rolled_back, check),
            is_copying_stuck=copier.is_stuck,
        )
        judge = Judge(
            decision=Decision(self.live_facts.facts),
            carry_out=carry_out,
            live_facts=self.live_facts,
            modes=self.modes,
            registry=registry,
        )
        pin_entry = PinEntry(key.read, lambda: self.log_at_start.pin_tries, limits)
        pins = PinFlow(pin_entry, judge, registry)
        self.taps = Taps(
            locations=reader_locations(config),
            hash_number=key.hash,
            registry=registry,
            watch=self.registry_watch,
            judge=judge,
            pins=pins,
            orders=orders,
            counters=ReadCounters(lambda: self.log_at_start.read_counters),
            rights=RightsFlow(check, registry, self.registry_watch, judge, pins=pins),
        )
        self.decide = Decide(self.taps, self.clock, carry_out.record, each_second=key.poll)
        self.supervision = supervise(
            {
                "decide": self.decide,
                "drive": self.drive,
                "record": self.recorder,
                "presence": presence_reader,
                "last_good": self.last_good,
                "journal_watch": self.journal_watch,
                "state": self.state,
            },
            proofs=("decide", "drive"),  # a hanging disk must not end the thread that lets people out
        )
        points, config_readers = config.access_points, config.readers
        self._reader_threads = ReaderThreads(
            readers=self.readers,
            outward=[
                name
                for name, reader in config_readers.items()
                if points[reader.access_point].direction is Direction.OUT
            ],
            post=self.decide.post,
        )
        self._ending = Ending(
            self.supervision,
            self.recorder,
            self.readers,
            carry_lock=readers_on_lock_lines(config),
            wiring=self._wiring,
            now=self.clock.now,
            within=limits.stop,
        )

    def run(self) -> int:
        """Run until a signal or a dead thread ends it; in the main thread, which alone may handle signals."""
        signal.signal(signal.SIGTERM, lambda number, frame: self.supervision.end())
        signal.signal(signal.SIGINT, lambda number, frame: self.supervision.end())
        threading.excepthook = self._thread_died
        self.start()
        gc.collect()
        gc.enable()
        gc.freeze()  # the collector never again visits objects from the start
        gc.collect()  # so that only newer objects determine when the next full pass is due
        give_code_back()
        self.supervision.wait(self.are_threads_alive)
        self.stop()
        return 0 if self.supervision.died is None else 1

    def are_threads_alive(self) -> bool:
        """Of readers that people leave by, inputs and time limits; the supervision has the workers itself."""
        return all([self._reader_threads.are_alive(), self._wiring.are_threads_alive()])

    def _thread_died(self, what: threading.ExceptHookArgs) -> None:
        """A thread of a reader or contact: a dead fire or exit input is worth a restart."""
        name = what.thread.name if what.thread is not None else "thread"
        log.error("%s died", name, exc_info=what.exc_value)
        self.supervision.died = name
        self.supervision.end()

    def start(self) -> None:
        """Doors first, then files: an exit works however long a disk hangs."""
        self._started = True
        now = self.clock.now()
        self.recorder.record(Event(EventType.SERVICE_STARTED, now))
        self._report_config_problem(now)
        if (alarm := folder_alarm(self._config, now)) is not None:
            self.recorder.record(alarm)
        self.recorder.begin(partial(self.log_at_start.catch_up, began=now), self.clock.judge_again)
        fire = self._wiring.is_fire
        found = {name: self._found(name, fire) for name in self._config.doors}
        self.drive.start(found, fire, last_fire=fire)
        for door in self._config.doors:
            if self.is_active("rex", door):
                self.drive.post(RexPressed(door))
        self.supervision.start("drive")
        for reader in self.readers.values():
            reader.start(self.on_reader_signal)
        self.supervision.start("record", "journal_watch")
        self.recorder.wait_for_first_try(LOG_WITHIN_S)
        self.supervision.start("decide", "presence", "last_good", "state")
        if self._wiring.virtual_door is not None:
            self._wiring.virtual_door.keypad = self._keyed_beside

    def stop(self) -> None:
        """Stop all threads and readers; see `Ending.run`."""
        self._stopped = True
        self._ending.run()
        if "record" not in self.supervision.running:
            self.reserve.release()

    @property
    def still_running(self) -> list[str]:
        """The threads that use files or pins of this service, after `stop`; none, unless a disk hangs."""
        return self._ending.still_running if self._started else []

    def _close(self) -> None:
        """Files and pins, last opened first."""
        if self._started and not self._stopped:
            self.stop()
        if self.still_running:
            log.error("files and pins stay open, in use by %s", ", ".join(self.still_running))
        else:
            self._opened.close()

    def on_reader_signal(self, signal: ReaderSignal) -> None:
        """On the reader's own thread. Outward, any card releases first, without asking the registry."""
        if isinstance(signal, CardPresented | CardRefused):
            point = self._config.access_points[self._config.readers[signal.reader].access_point]
            if point.direction is Direction.OUT:
                self.drive.post(ReleaseRequested(point.door))
        self.decide.post(signal)

    def _keyed_beside(self, reader: str, digits: str) -> bool:
        """The demo's keypad, for virtual readers without one of their own."""
        config = self._config.readers.get(reader)
        if config is None or not config.path.startswith(("udp:", "tty:pty:")):
            return False
        self.on_reader_signal(PinEntered(reader, digits))
        return True

    def _registry_changed(self, version: int) -> None:
        self._journal.registry_version = version
        self.recorder.wake()

    def _report_config_problem(self, now: Moment) -> None:
        problem = self._config_problem
        if problem is not None:
            log.error("using the last valid configuration: %s", problem)
            details: dict[str, Json] = {"problem": problem.code.value, **problem.fields}
            self.recorder.record(Event(EventType.CONFIG_DAMAGED, now, details=details))

    def _keep_config(self) -> None:
        """Keep the configuration of this start for the day genkan.toml is damaged."""
        if self._config_problem is None:
            keep_as_last_good(self._config)

    def _registry_state(self, state: str, copy_utc: datetime | None) -> None:
        if self._journal.registry_version is None and (copied := self.last_good.copied_version()) is not None:
            self._journal.registry_version = copied[1]
        self.state.set(registry=state, registry_copy_utc=copy_utc)

    def _found(self, door: str, fire: bool) -> DoorAtStart:
        return self.log_at_start.found(door, self.is_active("contact", door), fire)
