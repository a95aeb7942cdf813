"""`genkan check`: whether this installation can run. A line for each check; exit status 1 if one fails."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.check_door import check_door
from controller.commands.check_rights import check_rights, some
from controller.commands.options import config_option
from controller.commands.owners import check_owners
from controller.config import Config, load, osdp_readers, serial_port
from controller.durable import volatile_file_system
from controller.errors import GenkanError

if TYPE_CHECKING:
    from controller.registry.lookup import Lookup

_NEXT_LINE = "\n        "  # of a check that names several files
_LEAST_FREE = 200 * 1024 * 1024
Check = Callable[[Config], str]


@click.command()
@config_option
def check(file: Path) -> None:
    """Check configuration, hardware, databases, clock and permissions."""
    config: Config | None = None
    failed = False
    for name, test in _checks():
        if name == "configuration":
            try:
                config = load(file)
                message, ok = f"{file}: {len(config.doors)} doors, {len(config.readers)} readers", True
            except GenkanError as error:
                message, ok = str(error), False
        elif config is None:
            message, ok = "not checked, because the configuration is not readable", False
        else:
            message, ok = _try(test, config)
        failed |= not ok
        click.echo(f"{'ok  ' if ok else 'FAIL'}  {name}: {message}".replace("\n", _NEXT_LINE))
    if failed:
        raise SystemExit(1)


def _try(test: Check, config: Config) -> tuple[str, bool]:
    try:
        return test(config), True
    except (GenkanError, OSError) as error:
        return "\n".join(" ".join(line.split()) for line in str(error).splitlines()), False


def _checks() -> Iterator[tuple[str, Check]]:
    yield "configuration", lambda config: ""
    yield "data folder", _data_folder
    yield "owners", check_owners
    yield "keys", _keys
    yield "badge keys", _badge_keys
    yield "SQLite", _sqlite
    yield "registry", _registry
    yield "accounts", _accounts
    yield "journal", _journal
    yield "rights", check_rights
    yield "pins", _pins
    yield "locks", _locks
    yield "readers", _readers
    yield "clock", _clock
    yield "door", check_door


def _data_folder(config: Config) -> str:
    for folder in (config.data / "registry", config.data / "journal", config.data / "keys"):
        if not folder.is_dir():
            raise GenkanError(f"{folder} is missing; create it with `genkan init --data {config.data}`.")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise GenkanError(f"{folder} cannot be opened by this user; change its owner or group.")
    if not any(os.access(config.data / name, os.W_OK) for name in ("registry", "journal")):
        raise GenkanError(f"{config.data} is not writable by this user; change its owner or group.")
    if not config.site.demo and (found := volatile_file_system(config.data / "journal")) is not None:
        raise GenkanError(
            f"{config.data} is on a file system of type {found}, where a restart may erase the log and all "
            "changes; put it on a partition that keeps data."
        )
    free = shutil.disk_usage(config.data).free
    if free < _LEAST_FREE:
        raise GenkanError(f"{config.data} has only {free // 1_000_000} MB free; make room for the log.")
    return f"{config.data}, {free // 1_000_000} MB free"


def _keys(config: Config) -> str:
    from controller.registry.card_hash import load_key

    load_key(config.data / "keys")
    return "the card number key can be read"


def _badge_keys(config: Config) -> str:
    from controller.issuing import door_key
    from controller.registry.lookup import Lookup

    public = door_key.load_public(config.data / "keys")
    private = door_key.private_file(config.data / "keys")
    if os.access(private.parent, os.X_OK):  # the web service's user has no access
        door_key.load_private(config.data / "keys")
    try:
        lookup = Lookup(config.data / "registry" / "registry.db")
    except GenkanError:  # the "registry" line shows why
        return f"this door's key pair is {public.id}; the registry could not be read"
    try:
        held, foreign = lookup.foreign_card_keys(""), lookup.foreign_card_keys(public.id)
    finally:
        lookup.close()
    if foreign:
        raise GenkanError(
            f"{foreign} badges have keys wrapped to another door, not to this one ({public.id}), so they "
            f"{'count by their number only' if foreign == held else 'are refused on the way in'}; issue "
            "their cards for this door (`genkan issue card`) and import the file."
        )
    return f"{held} badges prove a key of their own; this door's key pair is {public.id}"


def _sqlite(config: Config) -> str:
    from controller.journal.engine import VERSION, has_wal_reset_fix

    fix = "has" if has_wal_reset_fix() else "lacks"
    return (
        f"{VERSION} {fix} the fix of its WAL-reset bug, which cannot strike here: each database has one "
        "writer at a time (door.lock, registry.lock)"
    )


def _registry(config: Config) -> str:
    from controller.registry.lookup import Lookup

    lookup = Lookup(config.data / "registry" / "registry.db")
    try:
        rules = _rules(config, lookup)
        if unreadable := lookup.unreadable_badges():
            raise GenkanError(
                f"{lookup.file} holds values that no Genkan writes, so the doors refuse these badges on the "
                f"way in: {some(unreadable)}; find out who changed it, and restore a backup."
            )
        return f"version {lookup.version} of registry {lookup.registry_id[:8]}; {rules}"
    finally:
        lookup.close()


def _rules(config: Config, lookup: "Lookup") -> str:
    """Check the published rules against genkan.toml: after a name changes there, a rule has no effect."""
    book = lookup.rule_book()
    if not book.version:
        return "no rules published"
    from controller.services.rules.check import problems
    from controller.services.rules.site_book import SiteBook

    for problem in problems(SiteBook(book, config), frozenset(lookup.schedules())):
        raise GenkanError(f"The rules, version {book.version}, {problem.where}: {problem}")
    return f"rules version {book.version}"


def _accounts(config: Config) -> str:
    from controller.services.operators import both_files

    if not both_files.check(config.data):
        return "only the registrar's user can read them"
    return "passwords and sessions can be read"


def _journal(config: Config) -> str:
    from controller.journal.query import JournalReader
    from controller.model.events import EventType

    file = config.data / "journal" / "journal.db"
    if not os.path.lexists(file):
        if (file.parent / "state.json").exists():
            raise GenkanError(f"{file} is missing; put it back, or restore a backup.")
        return "not created yet; the door creates it at its first start"
    if not file.is_file():
        raise GenkanError(f"{file} is not a file; put the right file there.")
    if file.stat().st_size == 0:
        raise GenkanError(f"{file} is empty, so the log is gone; restore a backup.")
    with JournalReader(file) as journal:
        journal.check_pages()
        records = f"{journal.newest_seq()} records"
        oldest = journal.entry(alarms[-1]) if (alarms := journal.alarms()) else None
        if oldest is not None and oldest.type == EventType.LOG_MISSING:
            return f"{records}; by record {oldest.seq} this door had another log before, which is gone"
        return records


def _pins(config: Config) -> str:
    if config.site.demo:
        return "virtual (demo)"
    from controller.drivers.pins import real_pins

    real_pins(config.data / "journal").close()
    return "lgpio answers"


def _locks(config: Config) -> str:
    """List the locks, with a warning for each lock that a reader's relay drives: it is less safe."""
    at_readers = [
        f"{door.name} by the relay in reader {door.lock_reader}: anyone who opens that reader reaches the "
        "lock's wires, and while its line is down the door admits nobody; the door must open from inside "
        "by its handle alone"
        for door in config.doors.values()
        if door.lock_reader is not None
    ]
    at_pins = [
        f"{door.name} at pin {door.lock_pin}" for door in config.doors.values() if door.lock_pin is not None
    ]
    return ", ".join([*at_pins, *at_readers]) or "there is no door"


def _readers(config: Config) -> str:
    if not config.readers:
        raise GenkanError(f"{config.file} has no reader; add a [readers.NAME] section.")
    missing = [
        f"{reader.name} ({serial_port(reader.path) or reader.path})"
        for reader in config.readers.values()
        if not _is_there(reader.path)
    ]
    if missing:
        raise GenkanError(f"{', '.join(missing)} was not found; plug it in, or correct its path.")
    _osdp_keys(config)
    return ", ".join(f"{reader.name} at {reader.path}" for reader in config.readers.values())


def _osdp_keys(config: Config) -> None:
    names = osdp_readers(config.readers)
    if not names:
        return
    from firmware_bridge.osdp import keys
    from web.words.reader_problem_words import problem_text
    from web.words.words import Words

    for name in names:
        try:
            keys.load(config.data / "keys" / "door" / "osdp", name)
        except keys.BadKey as error:
            sentence = problem_text(Words("en"), error.problem.code, error.problem.fields, name)
            raise GenkanError(sentence.removeprefix("Reader ")) from error  # its line begins with "readers:"


def _is_there(path: str) -> bool:
    """Check the device file of a serial reader, and the kernel's list of USB devices for a USB reader."""
    if path.startswith(("usb:port:", "usb:serial:")):
        from firmware_bridge.nfc.usb_places import bus_path

        return bus_path(path) is not None
    port = serial_port(path)
    return port is None or Path(port).exists()


def _clock(config: Config) -> str:
    from controller.model.moment import ClockState
    from controller.runtime.clock import Clock, is_kernel_synchronised

    newest, synchronised = _newest_times(config.data / "journal" / "journal.db")
    clock = Clock(newest, newest_synchronised=synchronised)
    clock.synchronised = is_kernel_synchronised()
    now = clock.now()
    shows = f"the clock shows {now.utc:%Y-%m-%d %H:%M} UTC"
    if now.clock is ClockState.UNTRUSTED and newest is not None and newest > now.utc:
        raise GenkanError(
            f"{shows}, but the log has seen {newest:%Y-%m-%d %H:%M} UTC, so the door does not trust it; set "
            "the clock, or correct the log with `genkan clock correct`."
        )
    if now.clock is ClockState.UNTRUSTED:
        raise GenkanError(f"{shows}, which is wrong; set it, or fit a clock module.")
    state = "synchronised" if clock.synchronised else "not synchronised now"
    return f"{now.utc:%Y-%m-%d %H:%M:%S} UTC, {state}"


def _newest_times(file: Path) -> tuple[datetime | None, datetime | None]:
    """What the log has seen; nothing if it cannot be read, which the "journal" line reports."""
    from controller.journal.query import JournalReader

    if not file.is_file():
        return None, None
    try:
        with JournalReader(file) as journal:
            return journal.newest_times()
    except GenkanError:
        return None, None
