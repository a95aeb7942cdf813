"""A data folder: the verifier finds and names anything changed, removed, added, moved or signed again."""

import fcntl
import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.journal import alive
from controller.journal.database import open_for_writing
from controller.journal.ofd_lock import set_lock
from controller.journal.schema import APPLICATION_ID, VERSION
from deploy.verify import genkan_verify
from deploy.verify.genkan_verify import answer
from tests.deploy.verify.conftest import (
    CANNOT_TELL,
    GENKANS,
    INCOMPLETE,
    OK,
    TAMPERED,
    forge,
    opened,
    verified,
)
from tests.deploy.verify.reference import Log, Signer, canonical, leaf, mth


def test_untouched_log_is_ok_and_the_trusted_key_is_named(thousand: Path) -> None:
    found = verified(thousand, code=OK, sentence="OK: 1,000 records, none missing")
    key = (thousand / "keys" / "shared" / "log.vkey").read_text().strip()
    assert f"Trusted key: {key} (from {thousand}/keys/shared/log.vkey" in found.lines[0]
    assert verified(thousand, code=OK, key=key).lines[0] == f"Trusted key: {key} (from --key)."


def test_verifier_knows_the_journal_of_this_version() -> None:
    assert max(genkan_verify.TABLES) == VERSION
    assert genkan_verify.APPLICATION_ID == APPLICATION_ID


@pytest.mark.parametrize("mode", [0o640, 0o440])
@pytest.mark.parametrize("byte", [0, 1])
@pytest.mark.parametrize("kind", [fcntl.F_RDLCK, fcntl.F_WRLCK])
def test_verifier_and_program_see_a_running_door_by_the_same_locks(
    tmp_path: Path, kind: int, byte: int, mode: int
) -> None:
    file = tmp_path / alive.NAME
    file.touch()
    with file.open("rb+") as holder:
        file.chmod(mode)
        set_lock(holder.fileno(), kind, byte, 1)
        runs = alive.is_door_alive(tmp_path)
        assert genkan_verify.door_is_running(tmp_path) is runs
        assert runs is ((kind == fcntl.F_WRLCK and byte == 0) or (mode == 0o440 and byte == 1))
    assert not genkan_verify.door_is_running(tmp_path)


def test_any_byte_of_each_of_1000_records_is_named(thousand: Path) -> None:
    """One byte in each row, in turn of the body, of the hash and of the details."""
    chance = random.Random(1)
    with opened(thousand) as connection:
        for seq in range(1, 1001):
            body, hash, details = connection.execute(
                "SELECT CAST(body AS BLOB), leaf, details FROM events WHERE seq = ?", (seq,)
            ).fetchone()
            column, value = [("body", body), ("leaf", hash), ("details", (details or "").encode())][seq % 3]
            if not value:
                column, value = "body", body
            place = chance.randrange(len(value))
            changed = value[:place] + bytes([value[place] ^ 1 << chance.randrange(7)]) + value[place + 1 :]
            as_kept = "?" if column == "leaf" else "CAST(? AS TEXT)"
            change = f"UPDATE events SET {column} = {as_kept} WHERE seq = ?"
            connection.execute(change, (changed, seq))
            verified(thousand, code=TAMPERED, seq=seq, sentence=f"record {seq:,} ")
            connection.execute(change, (value, seq))
    verified(thousand, code=OK)


def test_each_of_1000_records_removed_is_named_as_missing(thousand: Path) -> None:
    """Single rows. The last one is known by the checkpoint that covered it."""
    with opened(thousand) as connection:
        for seq in range(1, 1001):
            row = connection.execute("SELECT * FROM events WHERE seq = ?", (seq,)).fetchone()
            connection.execute("DELETE FROM events WHERE seq = ?", (seq,))
            verified(thousand, code=INCOMPLETE, seq=seq, sentence=f"missing {seq:,}.")
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)


def test_100_ranges_removed_are_named_as_missing(thousand: Path) -> None:
    """Ranges."""
    chance = random.Random(2)
    with opened(thousand) as connection:
        for _ in range(100):
            first, last = sorted(chance.sample(range(1, 1001), 2))
            connection.execute("BEGIN")
            rows = connection.execute(
                "SELECT * FROM events WHERE seq BETWEEN ? AND ?", (first, last)
            ).fetchall()
            connection.execute("DELETE FROM events WHERE seq BETWEEN ? AND ?", (first, last))
            connection.execute("COMMIT")
            verified(thousand, code=INCOMPLETE, seq=first, sentence=f"missing {first:,}–{last:,}.")
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")


def test_1000_swaps_are_named(thousand: Path) -> None:
    """Two records change places, each with its own hash and details."""
    chance = random.Random(3)
    swap = (
        "UPDATE events SET (body, leaf, salt, details) = (SELECT body, leaf, salt, details "
        "FROM events AS other WHERE other.seq = CASE events.seq WHEN ?1 THEN ?2 ELSE ?1 END) "
        "WHERE seq IN (?1, ?2)"
    )
    with opened(thousand) as connection:
        for _ in range(1000):
            first, second = sorted(chance.sample(range(1, 1001), 2))
            kept = connection.execute("SELECT * FROM events WHERE seq IN (?, ?)", (first, second)).fetchall()
            connection.execute(swap, (first, second))
            verified(thousand, code=TAMPERED, seq=first, sentence=f"record {first:,} carries another number")
            connection.execute("BEGIN")
            connection.execute("DELETE FROM events WHERE seq IN (?, ?)", (first, second))
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", kept)
            connection.execute("COMMIT")


def rewritten(body: str, **changes: Any) -> tuple[str, bytes]:
    """With a fitting hash, by a forger who knows the format."""
    text = canonical(json.loads(body) | changes)
    return text, leaf(text)


@pytest.mark.parametrize("at", [1, 2, 250, 998, 999])
def test_record_put_in_or_doubled_is_found(thousand: Path, tmp_path: Path, at: int) -> None:
    """All later records get the next number, with fitting hashes."""
    with opened(thousand) as source:
        bodies = [body for (body,) in source.execute("SELECT body FROM events ORDER BY seq")]
        notes = source.execute("SELECT size, note FROM checkpoints").fetchall()
    bodies.insert(at, bodies[at - 1])
    log = Log().fill(1)
    log.bodies = [rewritten(body, seq=seq)[0] for seq, body in enumerate(bodies, 1)]
    log.beside, log.notes = [None] * len(bodies), dict(notes)
    data = log.write(tmp_path / "data")
    (data / "keys/shared/log.vkey").write_bytes((thousand / "keys/shared/log.vkey").read_bytes())
    assert verified(data, code=TAMPERED).seq is not None


def test_record_rewritten_with_its_hash_is_found_between_the_checkpoints_around_it(tmp_path: Path) -> None:
    log = Log().fill(500)
    data = log.write(tmp_path / "data")
    body, hash = rewritten(log.bodies[249], door="other")
    forge(data, "UPDATE events SET body = ?, leaf = ? WHERE seq = 250", (body, hash))
    verified(data, code=TAMPERED, seq=201, sentence="one or more of the records 201–300 are not those signed")


@pytest.mark.parametrize("place", [250, 505])
def test_record_not_in_canonical_form_is_found(tmp_path: Path, place: int) -> None:
    log = Log().fill(510)
    data = log.write(tmp_path / "data")
    body = log.bodies[place - 1].replace(":", ": ", 1)
    forge(data, "UPDATE events SET body = ?, leaf = ? WHERE seq = ?", (body, leaf(body), place))
    verified(data, code=TAMPERED)


@pytest.mark.process
def test_of_two_findings_the_first_is_named(tmp_path: Path) -> None:
    """In each process: different processes check signatures, roots and hashes."""
    data = long_log(tmp_path)
    with opened(data) as connection:
        note = connection.execute("SELECT note FROM checkpoints WHERE size = 6000").fetchone()[0]
        forged = note.replace("genkan-key 1", "genkan-key 2")
        connection.execute("UPDATE checkpoints SET note = ? WHERE size = 6000", (forged,))
        verified(data, code=TAMPERED, seq=6000, sentence="no good signature")
        connection.execute("UPDATE events SET body = '{}' WHERE seq = 9700")
        verified(data, code=TAMPERED, seq=6000, sentence="no good signature")
        written = connection.execute("SELECT body FROM events WHERE seq = 700").fetchone()[0]
        body, hash = rewritten(written, count=12)
        connection.execute("UPDATE events SET body = ?, leaf = ? WHERE seq = 700", (body, hash))
        verified(data, code=TAMPERED, seq=501, sentence="501–1,000 are not those signed")
        connection.execute("UPDATE events SET leaf = zeroblob(32) WHERE seq = 20")
        verified(data, code=TAMPERED, seq=20, sentence="record 20 does not match its hash")


@pytest.mark.parametrize("seq", [7, 100, 299, 300])
@pytest.mark.parametrize("leaf", [b"", bytes(31), bytes(33), bytes(64), 7])
def test_hash_of_another_length_is_found(tmp_path: Path, seq: int, leaf: bytes | int) -> None:
    """Also where the hashes of a stretch, one after the other, are as long as they must be."""
    data = Log().fill(300).write(tmp_path / "data")
    forge(data, "UPDATE events SET leaf = ? WHERE seq = ?", (leaf, seq))
    verified(data, code=TAMPERED, seq=seq, sentence=f"record {seq:,} does not match its hash")
    moved = "UPDATE events SET leaf = substr(leaf, 1, 31) WHERE seq = 50"
    forge(data, moved)
    verified(data, code=TAMPERED, seq=min(50, seq), sentence="does not match its hash")


@pytest.mark.parametrize("change", ["body || char(10)", "replace(body, ',\"seq\"', char(10) || ',\"seq\"')"])
def test_record_with_a_line_feed_is_found(tmp_path: Path, change: str) -> None:
    log = Log().fill(300)
    data = log.write(tmp_path / "data")
    forge(data, f"UPDATE events SET body = {change} WHERE seq = 150")
    verified(data, code=TAMPERED, seq=150, sentence="record 150 does not match its hash")


@pytest.mark.process
@pytest.mark.parametrize("cut", [1, 5, 6, 50, 101, 600, 9_999, 10_000])
def test_cut_tail_is_named_when_it_passes_the_last_checkpoint(tmp_path: Path, cut: int) -> None:
    """H5. What no checkpoint covers yet, 5 records here and never more than 100, can be cut off unseen."""
    data = long_log(tmp_path)
    forge(data, "DELETE FROM events WHERE seq > ?", (10_005 - cut,))
    if cut <= 5:
        verified(data, code=OK, sentence=f"{10_005 - cut:,} records")
    else:
        missing = f"{10_006 - cut:,}–10,000" if cut > 6 else "10,000"
        verified(data, code=INCOMPLETE, seq=10_006 - cut, sentence=f"missing {missing}.")


def long_log(folder: Path) -> Path:
    """10,005 records; quick, since the reference's tree is slow for so many."""
    log = Log()
    for index in range(10_004):
        log.add("lock_secured", count=index)
    tree, leaves = genkan_verify.MerkleTree(), log.leaves
    for size in range(500, log.size, 500):
        tree.extend(leaves[size - 500 : size])
        log.notes[size] = log.key.note(size, tree.root(), 1, "2026-11-24T06:00:00.000Z")
    tree.extend(leaves[size:])
    assert tree.root() == mth(leaves)
    return log.write(folder / "data")


def test_every_record_of_a_long_log_is_checked(tmp_path: Path) -> None:
    """Around the ends of each block of reading, and with more checkpoints than one process checks."""
    log = Log().fill(1023, seal_every=2)
    log.seal()
    key = log.new_key()
    log.fill(60, seal_every=10_000)
    log.install_key(key)
    log.wait(3600)
    log.fill(2500, seal_every=1500)
    log.retire("2024-10", 2, 10)
    log.seal()
    log.fill(7, seal_every=10_000)
    data = log.write(tmp_path / "data")
    lines = verified(data, code=OK, sentence=f"OK: {log.size:,} records").lines
    assert any("Silence of 60 min before record 1,086" in line for line in lines)
    with opened(data) as connection:
        for seq in (11, 1023, 1024, 1025, 2047, 2048, 3500, log.size):
            row = connection.execute("SELECT * FROM events WHERE seq = ?", (seq,)).fetchone()
            connection.execute("DELETE FROM events WHERE seq = ?", (seq,))
            if seq < log.size:
                verified(data, code=INCOMPLETE, seq=seq, sentence=f"missing {seq:,}.")
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)
            connection.execute("UPDATE events SET leaf = zeroblob(32) WHERE seq = ?", (seq,))
            verified(data, code=TAMPERED, seq=seq)
            connection.execute("UPDATE events SET leaf = ? WHERE seq = ?", (row[2], seq))
        for size in (4, 1000):  # checked by the other process, and by this one
            note = log.notes[size].replace("genkan-cause events", "genkan-cause hour")
            connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (note, size))
            verified(data, code=TAMPERED, seq=size, sentence="has no good signature")
            connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (log.notes[size], size))
    verified(data, code=OK)


def test_records_pointed_at_beyond_the_end_are_missing(tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    for statement in (
        "INSERT INTO latest VALUES ('door:entrance', 105)",
        "INSERT INTO orders_done VALUES ('r', 1, 105)",
        "INSERT INTO spans VALUES (0, '2026', '2027')",
    ):
        forge(data, statement)
        verified(data, code=INCOMPLETE, seq=101)
        forge(data, f"DELETE FROM {statement.split()[2]}")
    verified(data, code=OK)


def test_record_hidden_from_its_day_or_from_the_filters_is_named(tmp_path: Path) -> None:
    data = Log().fill(1099).write(tmp_path / "data")
    forge(data, "INSERT INTO spans VALUES (0, '2026-11-24T06:00:05.000Z', '2027')")
    verified(data, code=TAMPERED, seq=1, sentence="hidden from its day")
    forge(data, "DELETE FROM spans")
    forge(data, "UPDATE events SET filed = 0 WHERE seq > 1095")
    verified(data, code=OK)
    forge(data, "UPDATE events SET filed = 0 WHERE seq = 700")
    verified(data, code=TAMPERED, seq=700, sentence="hidden from the filters")


@pytest.mark.parametrize("change", ["details = json_set(details, '$.name', '佐藤')", "salt = x'00'"])
def test_changed_name_is_named(tmp_path: Path, change: str) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    forge(data, f"UPDATE events SET {change} WHERE seq = 50")
    verified(data, code=TAMPERED, seq=50, sentence="details that do not match")


def test_details_added_to_a_record_without_any_are_named(tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    forge(data, "UPDATE events SET salt = x'00', details = '{}' WHERE seq = 51")
    verified(data, code=TAMPERED, seq=51, sentence="written without")


def test_erased_details_are_counted_and_no_tampering(tmp_path: Path) -> None:
    log = Log().fill(98)
    log.add("person_erased", person="0" * 16, records=2)
    log.seal()
    data = log.write(tmp_path / "data")
    forge(data, "UPDATE events SET salt = NULL, details = NULL WHERE seq IN (2, 5)")
    found = verified(data, code=OK)
    assert "The details of 2 records have been erased; 1 erasure is recorded." in found.lines
    forge(data, "UPDATE events SET salt = NULL, details = NULL WHERE seq = 8")
    verified(data, code=INCOMPLETE, seq=2, sentence="details are missing of 3 records, the first is record 2")


def test_details_gone_without_a_signed_erasure_are_missing(tmp_path: Path) -> None:
    log = Log().fill(99)
    blank = "UPDATE events SET salt = NULL, details = NULL WHERE seq = 5"
    forge(log.write(tmp_path / "a"), blank)
    verified(tmp_path / "a", code=INCOMPLETE, seq=5, sentence="report the erasure of 0")
    log.add("person_erased", person="0" * 16, records=1)
    forge(log.write(tmp_path / "b"), blank)
    verified(tmp_path / "b", code=INCOMPLETE, seq=5, sentence="report the erasure of 0")
    log.seal()
    forge(log.write(tmp_path / "c"), blank)
    verified(tmp_path / "c", code=OK)


def test_pending_erasure_explains_no_missing_details(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.add("erasure_pending", action="erasure_asked")
    data = log.write(tmp_path / "a")
    forge(data, "UPDATE events SET salt = NULL, details = NULL WHERE seq = 5")
    verified(data, code=INCOMPLETE, seq=5, sentence="report the erasure of 0")


@pytest.mark.parametrize("action", ["erasure_carried_out", "erasure_asked"])  # the latter of earlier programs
def test_erasure_under_way_cannot_be_judged_yet(tmp_path: Path, action: str) -> None:
    log = Log().fill(99)
    log.add("operator_action", action=action)
    data = log.write(tmp_path / "a")
    forge(data, "UPDATE events SET salt = NULL, details = NULL WHERE seq = 5")
    verified(data, code=CANNOT_TELL, sentence="requested in record 101, is not finished")
    log.add("service_started")  # a power cut: the walk over the log begins again and counts less
    log.add("person_erased", person="0" * 16, records=1)
    log.seal()
    data = log.write(tmp_path / "b")
    forge(data, "UPDATE events SET salt = NULL, details = NULL WHERE seq IN (2, 5)")
    verified(data, code=OK)


# ---- Keys and checkpoints -------------------------------------------------------------------------------


def test_key_changes_of_every_lawful_kind_are_ok(tmp_path: Path) -> None:
    """Fifty epochs, and of each crash of the replacement what it leaves (B7, with the clock set about)."""
    log = Log().fill(20)
    for epoch in range(50):
        log.reboot(f"boot-{epoch}", shift=random.Random(epoch).randrange(-(10**6), 10**6))
        key = log.new_key()
        log.fill(3, seal_every=10_000)
        if epoch % 3 == 0:
            key = log.new_key()  # the one before was recorded, its private file never came to be
        log.install_key(key)
        log.fill(1 + random.Random(epoch).randrange(5), seal_every=10_000)
        if epoch % 2:
            log.seal()
    log.seal()
    verified(log.write(tmp_path / "data"), code=OK)


def attacked(tmp_path: Path, log: Log, **expected: Any) -> None:
    verified(log.write(tmp_path / "data"), **expected)


def test_newer_key_that_seals_older_entries_is_found(tmp_path: Path) -> None:
    """CVE-2023-31439: who holds today's key rewrites yesterday and signs all of it again."""
    log = Log().fill(299)
    log.install_key(log.new_key())
    log.fill(100)
    log.bodies[149] = rewritten(log.bodies[149], door="other")[0]
    for size in list(log.notes):
        if size >= 150:
            log.notes[size] = log.key.note(size, mth(log.leaves[:size]), 2, "2026-11-24T06:00:00.000Z")
    attacked(
        tmp_path,
        log,
        code=TAMPERED,
        seq=200,
        sentence="no good signature of the key in force there, number 1",
    )


def test_newer_key_alone_over_a_rewritten_log_is_found(tmp_path: Path) -> None:
    """Older checkpoints are deleted, but a forger cannot create again the one that put the key in force."""
    log = Log().fill(299)
    log.install_key(log.new_key())
    log.fill(99)
    covering = {301: log.notes[301]}
    log.bodies[149] = rewritten(log.bodies[149], door="other")[0]
    log.notes = covering
    log.seal()
    attacked(tmp_path, log, code=TAMPERED, seq=1, sentence="1–301 are not those signed")


def test_rewriting_after_the_last_key_change_is_the_stated_limit(tmp_path: Path) -> None:
    """Who has the machine and its key can invent what happened since; nothing before (see above)."""
    log = Log().fill(99)
    log.install_key(log.new_key())
    log.fill(50)
    log.bodies[119] = rewritten(log.bodies[119], door="other")[0]
    log.seal()
    attacked(tmp_path, log, code=OK)


def test_skipped_key_step_is_found(tmp_path: Path) -> None:
    """CVE-2023-31438."""
    log = Log().fill(99)
    log.newest_number = 2
    log.install_key(log.new_key())
    log.fill(10)
    log.seal()
    attacked(tmp_path, log, code=TAMPERED, seq=101, sentence="a step is missing")


def test_key_that_takes_over_without_a_checkpoint_of_the_one_before_is_found(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.key, log.number = log.new_key(), 2
    log.fill(10)
    log.seal()
    attacked(tmp_path, log, code=TAMPERED, seq=111, sentence="no good signature")


def test_key_never_recorded_is_found(tmp_path: Path) -> None:
    log = Log().fill(150)
    log.seal(Signer(log.key.origin))
    attacked(tmp_path, log, code=TAMPERED, seq=151, sentence="no good signature")


def test_lost_key_is_reported_until_the_new_one_is_trusted(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.key, log.number = log.new_key("lost"), 2
    log.seal()
    log.fill(100)
    data = log.write(tmp_path / "data")
    verified(data, code=CANNOT_TELL, sentence="records 1–100 are as written under the trusted key; then")
    verified(data, code=OK, key=log.key.vkey)


def test_wrong_key_and_key_of_another_device_are_distinguished(thousand: Path) -> None:
    origin = (thousand / "keys/shared/log.vkey").read_text().partition("+")[0]
    verified(
        thousand, code=TAMPERED, key=Signer(origin).vkey, sentence="the trusted key is not a key of this log"
    )
    verified(thousand, code=CANNOT_TELL, key=Signer("genkan/" + "0" * 32).vkey, sentence="another device")


@pytest.mark.parametrize("place", ["root", "signature", "size", "extension"])
def test_checkpoint_changed_by_one_byte_is_found(tmp_path: Path, place: str) -> None:
    log = Log().fill(299)
    lines = log.notes[200].split("\n")
    line = {"root": 2, "signature": -2, "size": 1, "extension": 4}[place]
    spot = len(lines[line]) - 3
    lines[line] = lines[line][:spot] + chr(ord(lines[line][spot]) ^ 1) + lines[line][spot + 1 :]
    log.notes[200] = "\n".join(lines)
    attacked(tmp_path, log, code=TAMPERED)


def test_unsigned_log_is_never_ok(tmp_path: Path) -> None:
    """No checkpoint, no key record, none of either."""
    log = Log().fill(50)
    attacked(tmp_path / "a", log, code=CANNOT_TELL, sentence="nothing here is signed")
    log = Log().fill(299)
    log.notes.clear()
    attacked(tmp_path / "b", log, code=CANNOT_TELL)
    log = Log().fill(299)
    log.bodies[0] = rewritten(log.bodies[0], type="door_opened")[0]
    attacked(tmp_path / "c", log, code=TAMPERED)


def test_more_than_100_unsigned_records_are_never_ok(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.fill(100, seal_every=10_000)
    found = verified(log.write(tmp_path / "a"), code=OK)
    assert "Not signed yet: 101–200, the last 100 records." in found.lines
    log.fill(1, seal_every=10_000)
    attacked(tmp_path / "b", log, code=CANNOT_TELL, sentence="101–201, the last 101 records, are not signed")


def test_unsigned_records_are_reported_in_the_first_line(tmp_path: Path) -> None:
    log = Log().fill(183)
    log.seal()
    log.fill(90, seal_every=10_000)
    attacked(tmp_path, log, code=OK, sentence="none missing, 1–184 as written, 185–274 not signed yet.")


def test_newest_checkpoint_removed_is_reported_by_what_the_door_would_have_signed(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.wait(30)
    log.fill(20)
    before = tmp_path / "kill"
    attacked(before, log, code=OK)  # killed, and that is all
    log.wait(70 * 60)
    log.add("heartbeat")
    attacked(tmp_path / "hour", log, code=CANNOT_TELL, sentence="by record 121 a door would have signed")


def test_other_boots_are_unsigned_for_no_longer_than_a_start_takes(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.fill(5)
    for boot in ("boot-2", "boot-3"):  # a power cut within moments of the start, twice
        log.reboot(boot)
        log.fill(5)
    attacked(tmp_path / "cuts", log, code=OK, sentence="101–115 not signed yet")
    log.wait(180)
    log.add("heartbeat")
    attacked(tmp_path / "runs", log, code=CANNOT_TELL, sentence="by record 116 a door would have signed")


def test_log_that_ends_with_an_unsigned_stop_cannot_be_judged(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.add("service_stopped")
    attacked(tmp_path, log, code=CANNOT_TELL, sentence="a door signs when it is stopped")


# ---- Restored, retired, interrupted ---------------------------------------------------------------------


def test_restored_log_needs_the_key_of_the_restore(tmp_path: Path) -> None:
    log = Log().fill(150)
    old = log.key
    new = log.restored()
    log.fill(50)
    log.seal()
    data = log.write(tmp_path / "data")
    verified(data, code=CANNOT_TELL, sentence="restored at record 152 under another key")
    verified(data, code=OK, key=new.vkey)
    kept = tmp_path / "kept"
    kept.write_text(old.note(170, mth(log.leaves[:170]), 1, "2026-11-24T06:00:00.000Z"))
    verified(data, code=INCOMPLETE, key=new.vkey, checkpoints=[kept], seq=152, sentence="missing 152–170")


@pytest.mark.parametrize(
    "wrong", [{"restored_size": 150}, {"restored_root": "AAAA"}, {"restored_origin": "x"}]
)
def test_restored_log_that_lies_about_what_it_restored_is_found(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    log = Log().fill(150)
    new = log.restored(**wrong)
    log.fill(50)
    log.seal()
    attacked(tmp_path, log, code=TAMPERED, seq=152, key=new.vkey)


def test_second_beginning_within_a_log_is_found(tmp_path: Path) -> None:
    log = Log().fill(99)
    other = Signer("genkan/" + "1" * 32)
    log.add("log_started", origin=other.origin, key=other.vkey, key_number=1)
    log.seal(other)
    attacked(tmp_path, log, code=TAMPERED, seq=101, sentence="begins a log within the log")


def test_removed_month_is_reported_and_all_newer_still_verifies(tmp_path: Path) -> None:
    """J5: leaves, key records and checkpoints stay; here a key came in the removed month."""
    log = Log().fill(200)
    log.install_key(log.new_key())
    log.fill(200)
    log.retire("2024-10", 1, 300)
    log.seal()
    log.fill(50)
    data = log.write(tmp_path / "data")
    found = verified(data, code=OK, sentence="298 of them removed after their retention")
    assert any(line.startswith("Records 1–300 (2024-10) were removed") for line in found.lines)
    forge(data, "UPDATE removed SET leaf = zeroblob(32) WHERE seq = 7")
    verified(data, code=TAMPERED)


def test_records_removed_without_being_reported_are_missing(tmp_path: Path) -> None:
    log = Log().fill(200)
    log.retire("2024-10", 2, 100, records=False)
    log.seal()
    attacked(
        tmp_path / "a", log, code=INCOMPLETE, seq=2, sentence="missing 2–100, and no signed record reports"
    )
    log = Log().fill(200)
    log.retire("2024-10", 2, 100)
    log.removed |= {101, 102}
    log.seal()
    attacked(tmp_path / "b", log, code=INCOMPLETE, seq=101, sentence="missing 101–102")


def test_removal_reported_by_a_record_that_is_not_signed_is_none(tmp_path: Path) -> None:
    """Anybody who can write the file can write such a record; the door removes only after it is signed."""
    log = Log().fill(199)
    log.retire("2024-10", 2, 100)
    attacked(tmp_path, log, code=INCOMPLETE, seq=2, sentence="missing 2–100, and no signed record reports")


def test_month_removed_with_another_root_is_found(tmp_path: Path) -> None:
    log = Log().fill(200)
    log.removed = set(range(2, 101))
    seq = log.add("month_removed", month="2024-10", first=2, last=100, count=99, root="A" * 43 + "=")
    log.seal()
    attacked(
        tmp_path, log, code=TAMPERED, seq=seq, sentence="reports the removal of other records than 2–100"
    )


# (what happens, whether the service says that it stops, minutes, what the line must say)
SILENCES = [
    ("same", False, 16, "unexplained"),
    ("same", True, 16, "the service was stopped"),
    ("started", False, 16, "power cut or a crash"),
    ("boot", False, 16, "power cut or a crash"),
    ("boot", True, 2000, "the service was stopped"),
    ("journal", False, 20, "the log could not be written"),
]


@pytest.mark.parametrize(("how", "stops", "minutes", "sentence"), SILENCES)
@pytest.mark.parametrize("shift", [0, -3600])
def test_silence_is_a_line_with_its_cause(
    tmp_path: Path, how: str, stops: bool, minutes: int, sentence: str, shift: int
) -> None:
    """Also when the clock is set back meanwhile."""
    log = Log().fill(49)
    if stops:
        log.add("service_stopped")
    if how == "boot":
        log.reboot("boot-2", off=minutes * 60, shift=shift)
    else:
        log.wait(minutes * 60, shift)
    log.add(
        {"started": "service_started", "boot": "service_started", "journal": "journal_recovered"}.get(
            how, "rex"
        )
    )
    log.seal()
    found = verified(log.write(tmp_path / "data"), code=OK)
    (line,) = [line for line in found.lines if line.startswith("Silence")]
    assert f"before record {log.size:,} " in line
    assert line.endswith(f"{sentence}.")


def test_quarter_of_an_hour_is_not_a_silence(tmp_path: Path) -> None:
    log = Log().fill(49)
    log.wait(14 * 60 + 59)
    log.add("heartbeat")
    log.seal()
    assert "Silence" not in "".join(verified(log.write(tmp_path / "data"), code=OK).lines)


def test_clock_moved_back_is_reported_and_nothing_sorted_again(tmp_path: Path) -> None:
    """100 fixtures, moved by a minute to a year."""
    chance = random.Random(5)
    log, moved = Log().fill(10), []
    for _ in range(100):
        log.wait(2, shift=-chance.randrange(60, 365 * 86400))
        moved.append(log.add("door_opened"))
        log.fill(chance.randrange(1, 5))
    log.seal()
    found = verified(log.write(tmp_path / "data"), code=OK)
    lines = [
        int(re.findall(r"Record ([\d,]+) has", line)[0].replace(",", ""))
        for line in found.lines
        if "earlier" in line
    ]
    assert lines == moved


def test_two_threads_records_a_little_out_of_order_are_not_clock_move(tmp_path: Path) -> None:
    log = Log().fill(10)
    log.wait(-1.5)
    log.add("door_opened")
    log.seal()
    assert "earlier" not in "".join(verified(log.write(tmp_path / "data"), code=OK).lines)


# ---- Not a log, or unreadable ----------------------------------------------------------------------------


def test_folder_that_is_not_a_log_has_its_own_sentence(thousand: Path, tmp_path: Path) -> None:
    key = (thousand / "keys/shared/log.vkey").read_text().strip()

    def lines(name: str, sentence: str) -> None:
        found = answer(data=tmp_path / name, key=key)
        assert (found.code, sentence in found.sentence) == (CANNOT_TELL, True), found

    for name in ("zero", "absent", "foreign", "other", "newer", "older", "empty", "sparse", "pipe"):
        (tmp_path / name / "journal").mkdir(parents=True)
    file = "journal/journal.db"
    (tmp_path / "zero" / file).touch()
    (tmp_path / "foreign" / file).write_bytes(b"seq,utc\r\n" * 1000)
    sqlite3.connect(tmp_path / "other" / file).execute("CREATE TABLE t (x)").connection.close()
    with (tmp_path / "sparse" / file).open("wb") as sparse:
        sparse.truncate(5 << 30)
    for name, version in (("newer", 99), ("older", 1), ("empty", VERSION)):
        with sqlite3.connect(tmp_path / name / file) as connection:
            connection.executescript(
                "CREATE TABLE events (seq INTEGER PRIMARY KEY, body, leaf, salt, details, filed);"
                "CREATE TABLE removed (seq, leaf); CREATE TABLE checkpoints (size, note);"
                "CREATE TABLE latest (seq); CREATE TABLE orders_done (seq);"
                "CREATE TABLE spans (id, low, high);"
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};"
            )
        connection.close()
    os.mkfifo(tmp_path / "pipe" / file)
    lines("zero", "is empty")
    lines("pipe", "is not a regular file")
    lines("absent", "No such file")
    lines("foreign", "not a database")
    lines("sparse", "cannot be read as a database")
    lines("other", "not a journal of Genkan")
    lines("newer", "this program knows")
    lines("older", "did not sign")
    lines("empty", "holds no record")


def test_journal_of_a_later_version_cannot_be_judged(tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    with opened(data) as connection:
        connection.execute("PRAGMA user_version = 99")
    verified(data, code=CANNOT_TELL, sentence="is of version 99, this program knows")


@pytest.mark.parametrize(
    "lie",
    [
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT 1; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE INDEX i ON events (leaf)",
        "CREATE TABLE more (x)",
        "DROP TABLE kept",
    ],
)
def test_tables_not_as_genkan_created_them_are_reported(tmp_path: Path, lie: str) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    verified(data, code=OK)
    with opened(data) as connection:
        connection.execute(lie.replace("kept", "copied"))
    verified(data, code=TAMPERED, sentence="the tables of journal.db are not as Genkan creates them")


@pytest.mark.parametrize("version", genkan_verify.TABLES)
def test_tables_that_genkan_makes_are_the_known_ones(tmp_path: Path, version: int) -> None:
    file = tmp_path / "journal.db"
    open_for_writing(file).close()
    with sqlite3.connect(file) as connection:
        steps = {
            3: "DROP INDEX alarms;",
            4: "DROP TABLE read_counters;",
            5: "DROP TABLE rights_in_force;",
            6: "DROP TABLE registry_mark; ALTER TABLE copied DROP COLUMN repeated_up_to;",
        }
        for later, step in steps.items():
            if version < later:
                connection.executescript(step)
    connection.close()
    database = genkan_verify.Database(file)
    assert database.tables() == GENKANS[version]
    database.close()


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_record_before_the_first_is_found(tmp_path: Path, number: int) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    forge(data, "INSERT INTO events (seq, body, leaf) VALUES (?, '{}', zeroblob(32))", (number,))
    verified(data, code=TAMPERED, sentence=f"with number {number:,}")


def test_record_forged_to_seem_newer_than_this_program_is_shown_by_the_root(tmp_path: Path) -> None:
    log = Log().fill(250)
    data = log.write(tmp_path / "data")
    body, hash = rewritten(log.bodies[149], v=2)
    forge(data, "UPDATE events SET body = ?, leaf = ? WHERE seq = 150", (body, hash))
    verified(data, code=TAMPERED, seq=101, sentence="records 101–200 are not those signed")


def test_record_of_a_future_version_cannot_be_judged(tmp_path: Path) -> None:
    log = Log().fill(99)
    log.add("door_opened", v=2)
    log.seal()
    attacked(tmp_path, log, code=CANNOT_TELL, sentence="record 101 is of version 2")


def test_no_key_in_the_folder_and_none_specified_cannot_be_judged(thousand: Path, tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    (data / "keys/shared/log.vkey").unlink()
    found = verified(data, code=CANNOT_TELL, sentence="the key is missing")
    assert found.lines == ("No key was trusted.",)
    verified(data, code=CANNOT_TELL, key="genkan/" + "0" * 32 + "+00000000+AAAA", sentence="mistyped")
    verified(data, code=CANNOT_TELL, key=str(tmp_path / "nowhere"), sentence="cannot be read")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(5 << 30)
    verified(data, code=CANNOT_TELL, key=str(tmp_path / "large"), sentence="too large")


@pytest.mark.process
def test_wal_left_without_a_door_awaits_recovery(tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    if (child := os.fork()) == 0:
        connection = sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("DELETE FROM events WHERE seq = 100")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    verified(data, code=CANNOT_TELL, sentence="awaits recovery")


@pytest.mark.process
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take the right to read from somebody else")
def test_folder_without_permission_has_its_own_sentence(tmp_path: Path) -> None:
    data = Log().fill(99).write(tmp_path / "data")
    (data / "journal").chmod(0o700)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[2]); from deploy.verify.genkan_verify import main; "
        "import cryptography.hazmat.primitives.asymmetric.ed25519; os.setuid(65534); "
        "sys.exit(main(['folder', sys.argv[1]]))"
    )
    root = str(Path(genkan_verify.__file__).parents[2])
    ran = subprocess.run([sys.executable, "-c", program, str(data), root], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (CANNOT_TELL, "")
    assert "cannot be read (Permission denied)" in ran.stdout


def test_reference_agrees_with_the_rfc_on_its_own_tree() -> None:
    """The published vectors of RFC 6962 implementations: eight leaves, and the empty tree."""
    vectors = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31"]
    vectors += [bytes(range(0x40, 0x44)), bytes(range(0x50, 0x58)), bytes(range(0x60, 0x70))]
    leaves = [hashlib.sha256(b"\x00" + vector).digest() for vector in vectors]
    assert mth(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert mth([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_record_that_a_running_door_files_while_the_log_is_read_is_not_hidden(tmp_path: Path) -> None:
    """The newest record is filed with the next one. Both may come between two snapshots of the verifier."""
    data = Log().fill(1099).write(tmp_path / "data")
    forge(data, "UPDATE events SET filed = 0 WHERE seq BETWEEN 1020 AND 1023")
    trusted, _source = genkan_verify.read_key(None, data)
    check = genkan_verify.FolderCheck(data / "journal" / "journal.db", trusted, [])
    assert check._read_on() and (check.last, check.unfiled) == (1023, 1020)
    forge(data, "UPDATE events SET filed = 1 WHERE filed = 0")
    assert check.verdict().code == OK
