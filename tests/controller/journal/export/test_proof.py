"""The proof beside an export: a second opinion that shares no code with it opens every one, and only those.

tests/controller/journal/signed_log.py holds the second opinion.
"""

import hashlib
import random
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import CorruptDatabase
from controller.journal.export.jsonl import JsonLines
from controller.journal.export.proof import HashingPipe, Voucher, csv_proof, jsonl_proof
from controller.journal.export.selection import Selection
from controller.journal.export.table import COLUMNS, TableText, csv_rows
from controller.journal.proof.canonical import canonical
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import JournalReader, LogFilter
from controller.model.events import EventType, Json, Section
from tests.controller.journal.samples import at, forge, grant, happened, journal_in, raw
from tests.controller.journal.signed_log import Checked, SignedLog, check

FILTER: dict[str, Json] = {"door": "entrance"}
FILTERS = (
    LogFilter(),
    LogFilter(person="person-1"),
    LogFilter(door="door-1"),
    LogFilter(sections=frozenset({Section.DENIED})),
    LogFilter(day_start=at(40).utc, day_end=at(200).utc),
    LogFilter(person="nobody"),
)


def exported(reader: JournalReader, filter: LogFilter, note: str) -> tuple[bytes, bytes]:
    file = JsonLines(Selection(reader, filter, parse_checkpoint(note).size))
    data = b"".join(file)
    return data, b"".join(jsonl_proof(reader, note, None if filter == LogFilter() else FILTER, file))


def sealed_csv(log: SignedLog, reader: JournalReader, filter: dict[str, Json] | None) -> tuple[bytes, bytes]:
    newest = reader.newest_seq()
    file = HashingPipe(
        csv_rows(Selection(reader, LogFilter(), newest), TableText(COLUMNS, {}, ZoneInfo("Asia/Tokyo")))
    )
    data = b"".join(file)
    details: dict[str, Json] = {"format": "csv", "rows": newest, "bytes": file.bytes}
    seq = seal(log, file.sha256, details | {"filter": canonical(filter or {})})
    note = log.checkpoint()
    return data, b"".join(csv_proof(reader, note, filter, Voucher(newest, file.bytes, file.sha256, seq)))


def seal(log: SignedLog, sha256: str, details: dict[str, Json]) -> int:
    codes: dict[str, Json] = {"action": "export_sealed", "object_type": "export", "object_id": sha256}
    return log.journal.append([happened(EventType.OPERATOR_ACTION, codes=codes | details)])[0]


def refuses(data: bytes, proof: bytes, key: str) -> bool:
    try:
        check(data, proof, key)
    except Exception:
        return True
    return False


def a_log(folder: Path, size: int, seed: str = "") -> SignedLog:
    """Events of all kinds, with keys and checkpoints at random places; the last checkpoint covers all."""
    chance = random.Random(seed)
    log = SignedLog(folder, journal_in(folder))
    log.start()
    while log.journal.newest_seq < size:
        seconds, dice = log.journal.newest_seq, chance.random()
        if dice < 0.01:
            log.add_key()
        elif dice < 0.03:
            log.checkpoint() if not covered(folder, log.journal.newest_seq) else None
        elif dice < 0.3:
            log.journal.append([happened(EventType.ACCESS_DENIED, seconds, door=f"door-{seconds % 3}")])
        else:
            who = f"person-{chance.randrange(5)}"
            log.journal.append([grant(seconds, person=who, door=f"door-{seconds % 3}")])
    return log


def covered(folder: Path, seq: int) -> bool:
    with JournalReader(folder / "journal.db") as reader:
        return reader.checkpoint_covering(seq) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 300), seed=st.text(max_size=5), data=st.data())
def test_regardless_of_the_log_its_exports_are_proven_and_show_no_one_else(
    tmp_path_factory: pytest.TempPathFactory, size: int, seed: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = a_log(folder, size, seed)
    with log.journal, JournalReader(folder / "journal.db") as reader:
        key_records = {key.seq for key in reader.log_keys()}
        numbers = st.sets(st.integers(1, size))
        log.erase(*data.draw(numbers, "erased"))
        gone = data.draw(numbers, "removed") - key_records - {size}  # the newest is never past its time
        log.remove(*gone)
        note = reader.newest_checkpoint()
        if note is None or not covered(folder, size):
            note = log.checkpoint()
        end = parse_checkpoint(note).size
        for filter in FILTERS:
            lines, proof = exported(reader, filter, note)
            found = check(lines, proof, log.first_key)
            let_through = {entry.seq for entry in reader.after(filter, 0, 10_000) if entry.seq <= end}
            assert set(found.included) == let_through
            assert found.removed == ({seq for seq in gone if seq <= end} if filter == LogFilter() else set())
        csv, proof = sealed_csv(log, reader, None)
        assert check(csv, proof, log.first_key).size > end


def test_one_byte_changed_anywhere_is_noticed(tmp_path: Path) -> None:
    log = a_log(tmp_path, 9)
    log.add_key()
    log.checkpoint()
    with log.journal, JournalReader(tmp_path / "journal.db") as reader:
        log.journal.append([grant(50)])
        files = [
            exported(reader, LogFilter(), log.checkpoint()),
            exported(reader, LogFilter(person="person-1"), str(reader.newest_checkpoint())),
            sealed_csv(log, reader, FILTER),
        ]
    for data, proof in files:
        check(data, proof, log.first_key)
        for place in range(len(data)):
            assert refuses(_flipped(data, place), proof, log.first_key), f"byte {place} of the file"
        for place in range(len(proof)):
            assert refuses(data, _flipped(proof, place), log.first_key), f"byte {place} of the proof"


def _flipped(text: bytes, place: int) -> bytes:
    return text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


def test_row_left_out_or_put_in_is_noticed(tmp_path: Path) -> None:
    log = a_log(tmp_path, 60)
    note = log.checkpoint()
    with log.journal, JournalReader(tmp_path / "journal.db") as reader:
        data, proof = exported(reader, LogFilter(door="door-1"), note)
        other, _ = exported(reader, LogFilter(), note)
    lines, all_lines = data.splitlines(keepends=True), other.splitlines(keepends=True)
    for place in range(len(lines)):
        cut = b"".join(lines[:place] + lines[place + 1 :])
        assert refuses(cut, _with_hash(proof, cut), log.first_key)
    for line in all_lines:
        if line not in lines:
            more = b"".join(sorted([*lines, line], key=all_lines.index))
            assert refuses(more, _with_hash(proof, more), log.first_key)
            break


def test_filtered_table_cannot_be_passed_off_as_the_whole_log(tmp_path: Path) -> None:
    log = a_log(tmp_path, 20)
    with log.journal, JournalReader(tmp_path / "journal.db") as reader:
        data, proof = sealed_csv(log, reader, FILTER)
    assert check(data, proof, log.first_key).filter == FILTER
    whole = proof.replace(canonical({"filter": FILTER})[1:-1].encode(), b'"filter":null', 1)
    assert whole != proof
    assert refuses(data, _with_hash(whole, data), log.first_key)


def _with_hash(proof: bytes, file: bytes) -> bytes:
    """As a forger would, who can of course hash."""
    *lines, _ = proof.splitlines(keepends=True)
    hashes = {"proof": hashlib.sha256(b"".join(lines)), "sha256": hashlib.sha256(file)}
    end: dict[str, Json] = {"end": True, **{name: hash.hexdigest() for name, hash in hashes.items()}}
    return b"".join(lines) + (canonical(end) + "\n").encode()


def test_keys_are_those_in_force_and_superseded_ones_are_left_out(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        log = SignedLog(tmp_path, journal)
        log.start()
        assert keys(reader, log, log.checkpoint()) == 1
        log.add_key()  # its private key is lost before a checkpoint covers it …
        log.add_key("lost")  # … and the next one takes its place
        covering = log.checkpoint()
        assert keys(reader, log, covering) == 1, "the key it puts into force has not signed it"
        log.add_key()
        assert keys(reader, log, covering) == 1, "nor has one that waits"
        assert keys(reader, log, log.checkpoint()) == 2
        journal.append([grant()])
        assert keys(reader, log, log.checkpoint()) == 3


def keys(reader: JournalReader, log: SignedLog, note: str) -> int:
    return check(*exported(reader, LogFilter(), note), log.first_key).keys


def test_older_checkpoint_proves_what_it_covers(tmp_path: Path) -> None:
    log = a_log(tmp_path, 30)
    note = log.checkpoint()
    with log.journal, JournalReader(tmp_path / "journal.db") as reader:
        for seconds in range(700):
            log.journal.append([grant(seconds)])
        log.add_key()
        log.checkpoint()
        assert check(*exported(reader, LogFilter(), note), log.first_key).size == 30


def test_log_begun_again_after_a_restore_is_proven_from_its_own_first_key(tmp_path: Path) -> None:
    old = a_log(tmp_path, 20)
    old.checkpoint()
    with old.journal as journal, JournalReader(tmp_path / "journal.db") as reader:
        log = SignedLog(tmp_path, journal, "genkan/" + "6b" * 16)
        log.privates = [log._new_key(1, EventType.LOG_RESTORED)]
        log.add_key()
        log.checkpoint()
        journal.append([grant(30)])
        found: Checked = check(*exported(reader, LogFilter(), log.checkpoint()), log.first_key)
        assert (found.keys, found.rows) == (2, journal.newest_seq)


def test_nothing_is_proven_over_a_record_that_is_gone(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        log = SignedLog(tmp_path, journal)
        log.start()
        journal.append([grant(i, person=f"person-{i % 2}") for i in range(49)])
        note = log.checkpoint()
    forge(tmp_path, ("DELETE FROM events WHERE seq BETWEEN 7 AND 8", ()))
    with JournalReader(tmp_path / "journal.db") as reader:
        with pytest.raises(CorruptDatabase, match="records among 7–8 missing"):
            exported(reader, LogFilter(), note)
        with pytest.raises(CorruptDatabase, match="record 7 missing"):
            exported(reader, LogFilter(person="person-1"), note)
        with pytest.raises(CorruptDatabase, match="record 7 missing"):
            list(csv_proof(reader, note, None, Voucher(1, 1, "00" * 32, 7)))


@pytest.fixture(scope="module")
def large_log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Of 66,002 records: a root read from its largest subtree never reads the 256 below it."""
    folder = tmp_path_factory.mktemp("large")
    with journal_in(folder) as journal:
        log = SignedLog(folder, journal)
        log.start()
        journal.append([grant(person="person-2")])
        for _ in range(66):
            journal.append([grant()] * 1000)
        return folder, log.checkpoint(), log.first_key


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE nodes SET hash = randomblob(32) WHERE level = 8 AND place = 5",
        "UPDATE nodes SET hash = randomblob(32) WHERE level = 16",
        "UPDATE nodes SET hash = x'' WHERE level = 8 AND place IN (3, 256)",
        "DELETE FROM nodes WHERE level = 8 AND place = 5",
    ],
)
def test_damaged_subtree_never_goes_into_a_proof(
    large_log: tuple[Path, str, str], tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder, note, key = large_log
    shutil.copy(folder / "journal.db", tmp_path)
    with raw(tmp_path) as connection:
        connection.execute(damage)
    with JournalReader(tmp_path / "journal.db") as reader:
        assert check(*exported(reader, LogFilter(person="person-2"), note), key).rows == 1
    made_anew = "level = 8" in damage and "UPDATE" in damage
    assert ("the proof uses the records instead" in caplog.text) == made_anew


def test_lines_stay_short_however_ragged_the_choice(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        log = SignedLog(tmp_path, journal)
        log.start()
        journal.append([grant(i, person=f"person-{i % 2}") for i in range(3000)])
        data, proof = exported(reader, LogFilter(person="person-1"), log.checkpoint())
    assert check(data, proof, log.first_key).rows == 1500
    assert max(map(len, proof.splitlines())) < 16_384
