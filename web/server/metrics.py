"""The text of /metrics: Prometheus exposition format, version 0.0.4. No label names a person or a door."""

from collections.abc import Iterator, Sequence

from controller.model.moment import ClockState
from controller.services.doors.health import Health, LogHealth

Samples = Sequence[tuple[str, float]]  # the label, as in `{state="ok"}`, or nothing; and the value
Family = tuple[str, str, Samples]


def metrics_text(health: Health, *, watchers: int, connections: int, closed: int) -> str:
    """What cannot be read has no sample. `closed` counts connections that a limit or deadline ended."""
    families = [
        *_door(health),
        *_registry(health),
        *_machine(health),
        *([] if health.log is None else _log(health.log)),
        _gauge("log_watchers", "Open live pages.", watchers),
        _gauge("connections", "Open connections to the web service.", connections),
        ("connections_closed_total", "Connections that a limit or a deadline ended.", [("", closed)]),
    ]
    return "".join(_family_text(*family) for family in families)


def _door(health: Health) -> Iterator[Family]:
    yield _gauge("door_service_up", "Whether the door service runs.", health.door_runs)
    yield _gauge("registrar_up", "Whether the registrar answers.", health.registrar_answers)
    yield _gauge("journal_writing", "Whether the door writes each record to the disk.", health.log_writing)
    state = health.state
    if state is not None:
        yield _gauge("journal_remembered_records", "Records held in memory only.", state.remembered)
        yield _states("journal_reserve", "The reserve for a full disk.", state.reserve, RESERVE_STATES)
        in_use = state.registry != "ok"
        yield _gauge("registry_copy_in_use", "Whether the door decides from its copy.", in_use)


def _registry(health: Health) -> Iterator[Family]:
    yield _gauge("registry_readable", "Whether the pages can read the registry.", health.registry is not None)
    if health.copy_age is not None:
        help_ = "How far the door's copy of the registry is behind; 0 while they are equal."
        yield _gauge("registry_copy_age_seconds", help_, health.copy_age.total_seconds())
    if health.registry is not None:
        age = health.registry.backup_age
        seconds = float("inf") if age is None else age.total_seconds()
        yield _gauge("backup_age_seconds", "Since the newest backup; +Inf without one.", seconds)


def _machine(health: Health) -> Iterator[Family]:
    states = [state.value for state in ClockState]
    yield _states("clock", "How far the clock is trusted.", health.clock.value, states)
    if health.disk is not None:
        yield _gauge("disk_free_bytes", "Free space on the disk of the log.", health.disk.free)
        yield _gauge("disk_size_bytes", "Size of the disk of the log.", health.disk.size)
    yield _gauge("journal_readable", "Whether the pages can read the log.", health.log is not None)


def _log(log: LogHealth) -> Iterator[Family]:
    yield _gauge("journal_newest_record", "Number of the newest record.", log.newest_seq)
    yield _gauge("journal_unsealed_records", "Records that no checkpoint covers yet.", log.unsealed)
    help_ = "Age of the oldest record that no checkpoint covers yet; 0 without one."
    yield _gauge("journal_oldest_unsealed_seconds", help_, log.oldest_unsealed.total_seconds())
    if log.alarms_open is not None:
        yield _gauge("alarms_open", "Alarms that nobody has acknowledged.", log.alarms_open)
    yield _gauge("fire", "Whether the fire input is active.", log.doors.fire)
    doors = log.doors.doors
    readers = [reader for door in doors for reader in door.readers]
    online = {True: "online", False: "offline", None: "unknown"}
    yield _counts("readers", "Readers by state.", [online[r.online] for r in readers], tuple(online.values()))
    locks = {True: "released", False: "secured", None: "unknown"}
    yield _counts("doors", "Doors by lock.", [locks[d.released] for d in doors], tuple(locks.values()))
    yield _gauge("doors_open", "Doors whose contact is open.", sum(door.opened is True for door in doors))
    yield _gauge("doors_forced_open", "Doors opened without a release.", sum(door.forced for door in doors))
    yield _gauge("doors_held_open", "Doors open for too long.", sum(door.held for door in doors))


RESERVE_STATES = ("ok", "released", "none")


def _gauge(name: str, help_: str, value: float) -> Family:
    return name, help_, [("", float(value))]


def _states(name: str, help_: str, state: str, states: Sequence[str]) -> Family:
    """One sample for each state: 1 for the present one, else 0."""
    return name, help_, [(f'{{state="{one}"}}', float(one == state)) for one in states]


def _counts(name: str, help_: str, found: Sequence[str], states: Sequence[str]) -> Family:
    return name, help_, [(f'{{state="{one}"}}', float(found.count(one))) for one in states]


def _family_text(name: str, help_: str, samples: Samples) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    lines = [f"# HELP genkan_{name} {help_}", f"# TYPE genkan_{name} {kind}"]
    lines += [f"genkan_{name}{label} {_number(value)}" for label, value in samples]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else f"{value:.3f}"
