"""What an event costs the card, counted: syncs, bytes, and a WAL that stays short while somebody exports."""

from collections import Counter
from collections.abc import Callable

from tests.faults import trace
from tests.faults.watched import Watched

Begin = Callable[..., Watched]
ENTRIES = 500
EVENTS = 2 * ENTRIES  # a grant and its outcome
KIBIBYTE = 1024
WAL = "journal.db-wal"


def test_event_costs_one_sync_and_at_most_28_kibibytes(watched: Begin) -> None:
    journal = watched(trace=True)
    journal.run("cost_workload", entries=ENTRIES)
    synced = Counter(op.path for op in trace.read(journal.trace) if op.kind == "S")
    first = next(i for i, op in enumerate(trace.read(journal.trace)) if op.kind == "W" and op.path == WAL)
    made = sum(op.kind == "S" for op in list(trace.read(journal.trace))[:first])  # the schema, once
    emptied = synced[
        "journal.db"
    ]  # three syncs: the WAL once more, the file it is moved to, its new beginning
    syncs = journal.control.syncs - made
    written = journal.control.bytes / EVENTS / KIBIBYTE
    print(f"\n{EVENTS} events: {syncs} syncs, {emptied} WALs emptied, {written:.1f} KiB written an event")
    assert (syncs - 3 * emptied) / EVENTS <= 1.01
    assert syncs / EVENTS <= 1.10
    assert written <= 28


def test_wal_stays_short_while_an_export_is_being_read(watched: Begin) -> None:
    """A9: ten minutes at five events a second; a snapshot held throughout shows what would be missed."""
    longest = {
        how: watched().run("cost_workload", entries=1500, reader=how)["longest_wal"]
        for how in ("pages", "held")
    }
    print(f"\nlongest WAL in bytes: {longest}")
    assert longest["pages"] <= 16 * KIBIBYTE * KIBIBYTE
    assert longest["held"] > 16 * KIBIBYTE * KIBIBYTE
