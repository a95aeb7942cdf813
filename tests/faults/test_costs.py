"""What an event costs the card, counted: syncs, bytes, and a WAL that stays short while somebody exports."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults import trace
from tests.faults.watched import Watched

Begin = Callable[..., Watched]
ENTRIES = 500
EVENTS = 2 * ENTRIES  # a grant and its outcome
KIBIBYTE = 1024
WAL = "journal.db-wal"
PASSAGES = {  # what begins it, and its syncs
    "walk_through": ("access_granted", 2),
    "exit_by_reader": ("access_granted", 2),
    "exit_by_button": ("rex_pressed", 2),
    "refusal": ("access_denied", 1),
}


def test_event_costs_one_sync_and_at_most_eight_kibibytes(watched: Begin) -> None:
    journal = watched(trace=True)
    journal.run("cost_workload", entries=ENTRIES)
    synced = Counter(op.path for op in trace.read(journal.trace) if op.kind == "S")
    first = next(i for i, op in enumerate(trace.read(journal.trace)) if op.kind == "W" and op.path == WAL)
    schema = sum(op.kind == "S" for op in list(trace.read(journal.trace))[:first])  # the schema, once
    emptied = synced[
        "journal.db"
    ]  # three syncs: the WAL once more, the file it is moved to, its new beginning
    syncs = journal.control.syncs - schema
    written = journal.control.bytes / EVENTS / KIBIBYTE
    print(f"\n{EVENTS} events: {syncs} syncs, {emptied} WALs emptied, {written:.1f} KiB written an event")
    assert (syncs - 3 * emptied) / EVENTS <= 1.01
    assert syncs / EVENTS <= 1.10
    assert written <= 8


def test_wal_stays_short_while_an_export_is_being_read(watched: Begin) -> None:
    """Ten minutes at five events a second; a snapshot held throughout shows what would be missed."""
    longest = {
        how: watched().run("cost_workload", entries=1500, reader=how)["longest_wal"]
        for how in ("pages", "held")
    }
    print(f"\nlongest WAL in bytes: {longest}")
    assert longest["pages"] <= 8 * KIBIBYTE * KIBIBYTE
    assert longest["held"] > 8 * KIBIBYTE * KIBIBYTE


def test_passage_costs_two_syncs_and_a_refusal_one(watched: Begin) -> None:
    """Of a whole door process; each passage begins when the one before is written.

    Apart from these, the log is signed every 99 records and its WAL emptied when 1 MiB has gathered.
    """
    times = 2
    site = watched(trace=True)
    types = site.run("passage_workload", kinds=list(PASSAGES), times=times)
    synced: list[Counter[str]] = [Counter()]
    for op in trace.read(site.trace):
        if op.kind == "A":
            synced.append(Counter())
        elif op.kind == "S":
            synced[-1][Path(op.path).name] += 1
    for (kind, (first, at_most)), counted in zip(PASSAGES.items(), synced[1:-1], strict=True):
        print(f"\n{kind}: {counted[WAL] / times} syncs each; {dict(counted)}")
        assert types[kind].count(first) == times
        assert counted[WAL] <= times * at_most, kind
