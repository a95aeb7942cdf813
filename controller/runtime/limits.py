"""The limits of a running door: how long it waits for things, and how much it holds.

`run_door` receives one value and hands it to the parts. No setting in genkan.toml changes a limit.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StopLimits:
    """How long each step of the end may take; 13.5 s in all, and TimeoutStopSec= of the unit is 15."""

    log_s: float = 3.0  # for the log to accept a record
    readers_s: float = 1.5  # a bridge that does not end is killed after 1 s
    entries_s: float = 2.0
    exits_s: float = 1.0
    last_records_s: float = 4.0
    hanging_log_s: float = 1.0  # in place of `last_records_s` if the log hangs already
    state_s: float = 1.0
    slow_readers_s: float = 1.0  # for readers that did not stop in time; longer if the other steps were quick
    quick_end_s: float = 10.0  # the latest end of that longer time


@dataclass(frozen=True)
class Limits:
    durable_within_ms: int = 2_000  # people don't wait longer at a door; a later record releases nothing
    journal_busy_ms: int = 1_000  # a write of the log waits for another program's lock
    follower_hold_ms: int = 800  # with the sync, a follower is on the disk within a second
    pin_wait_ms: int = 15_000  # for the PIN after the card, and for the card after the PIN
    unlock_again_ms: int = 10_000  # before another try to record that a door is unlocked
    remember_ms: int = 30 * 60_000  # of an outage in which doors remember entries
    remember_at_most: int = 500  # remembered entries over all doors
    presence_unread_ms: int = 30_000  # without a page of the log; then an alarm
    unrecorded_at_most: int = 10_000  # exits and refusals without a record that count for presence
    copy_every_ms: int = 60_000  # between two last good copies of the registry
    copy_in_memory_bytes: int = 16 * 1024 * 1024  # a larger copy is read from its file
    reserve_bytes: int = 64 * 1024 * 1024  # of the disk, freed for the log when the disk is full
    wal_at_most_bytes: int = 64 * 1024 * 1024  # of the journal; then an alarm names the program that reads it
    flapping_changes: int = 8  # changes of a door contact within two seconds; more than a leaf can make
    bridge_short_lives: int = 10  # in a row; then a bridge gets a long pause even if its reader was online
    reader_returns: int = 6  # reports that a reader is online again; then one a minute
    stop: StopLimits = field(default_factory=StopLimits)


USUAL = Limits()
