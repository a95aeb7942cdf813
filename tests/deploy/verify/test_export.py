"""An export and its proof verify unchanged, and never after a change of any byte of either."""

import json
import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.verify.genkan_verify import Conclusion, answer, numbers_of
from tests.deploy.verify.conftest import CANNOT_TELL, INCOMPLETE, OK, TAMPERED
from tests.deploy.verify.reference import Log, Signer, canonical, leaf, mth


def three_keys() -> Log:
    """300 records under three keys."""
    log = Log().fill(98)
    for _ in range(2):
        log.install_key(log.new_key())
        log.fill(99, seal_every=10_000)
    log.fill(300 - log.size)
    return log


LOG = three_keys()
KEY = LOG.first_key.vkey


def proof_of(file: Path) -> Path:
    return file.with_name(file.name + ".proof")


def verified(
    file: Path, code: int, sentence: str = "", seq: int | None = None, key: str | None = KEY
) -> Conclusion:
    found = answer(export=file, key=key)
    assert (found.code, seq or found.seq) == (code, found.seq), found
    assert sentence in found.sentence
    return found


def with_proof(file: Path, change: Callable[[list[dict[str, Any]]], None], seal: bool = True) -> None:
    """Change the proof's lines; `seal`: as somebody would who makes its own hash fit again."""
    import hashlib

    lines = [json.loads(line) for line in proof_of(file).read_text("utf-8").splitlines()]
    change(lines)
    if seal:
        text = "".join(canonical(line) + "\n" for line in lines[:-1])
        lines[-1]["proof"] = hashlib.sha256(text.encode()).hexdigest()
        lines[-1]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    proof_of(file).write_text("".join(canonical(line) + "\n" for line in lines), "utf-8", newline="")


def test_whole_export_is_ok_alone(tmp_path: Path) -> None:
    found = verified(LOG.export(tmp_path / "log.jsonl"), OK, "OK: 300 records, none missing")
    assert found.lines[0] == f"Trusted key: {KEY} (from --key)."


@pytest.mark.parametrize("included", [[1], [300], [17, 18, 19, 200], list(range(2, 301, 2))])
def test_filtered_export_is_ok_and_says_so(tmp_path: Path, included: list[int]) -> None:
    """H14. The others are in it as hashes only."""
    file = LOG.export(tmp_path / "log.jsonl", included)
    verified(file, OK, f"filtered: {len(included)} of 300 records")
    assert file.read_text("utf-8").count('\\"person\\"') <= len(included)


def test_part_that_a_record_vouches_for_says_so(tmp_path: Path) -> None:
    log = three_keys()
    key, included = log.first_key.vkey, [17, 18, 19, 200]
    verified(log.export(tmp_path / "plain.jsonl", included), OK, "no record vouches", key=key)
    file = log.export(tmp_path / "log.jsonl", included, vouched=True)
    sentence = f"filtered: 4 of 300 records, each as it was written; all that record {log.size} vouches for"
    found = verified(file, OK, sentence, key=key)
    assert 'Filter: {"person":"somebody"}.' in found.lines


@pytest.mark.parametrize("vouched", [True, False])
def test_line_missing_from_a_part_is_named(tmp_path: Path, vouched: bool) -> None:
    log = three_keys()
    included = [17, 18, 19, 200, 250]
    file = log.export(tmp_path / "log.jsonl", included, vouched)
    lines = file.read_bytes().splitlines(keepends=True)
    for at, number in enumerate(included):
        file.write_bytes(b"".join(lines[:at] + lines[at + 1 :]))
        code = INCOMPLETE if number == included[-1] else TAMPERED
        assert str(number) in verified(file, code, seq=number, key=log.first_key.vkey).sentence


@pytest.mark.parametrize("dropped", [17, 200, 250])
def test_line_dropped_from_a_part_with_its_place_in_the_proof_is_reported(
    tmp_path: Path, dropped: int
) -> None:
    """Everything else of the proof is created again, which needs no secret."""
    log = three_keys()
    key, included = log.first_key.vkey, [17, 18, 19, 200, 250]
    file = log.export(tmp_path / "log.jsonl", included, vouched=True)
    voucher = json.loads(proof_of(file).read_text("utf-8").splitlines()[-2])
    file = log.export(tmp_path / "log.jsonl", [number for number in included if number != dropped])
    verified(file, OK, "no record vouches that no other fits the filter", key=key)
    with_proof(file, lambda lines: lines.insert(-1, voucher))
    verified(file, INCOMPLETE, f"lacks 1 of the 5 records that record {log.size} vouches for", key=key)
    with_proof(file, lambda lines: lines[0].update(rows=5))
    verified(file, TAMPERED, key=key)


def test_voucher_of_another_part_is_found(tmp_path: Path) -> None:
    log = three_keys()
    key = log.first_key.vkey
    other = log.export(tmp_path / "other.jsonl", [18, 19], vouched=True)
    voucher = json.loads(proof_of(other).read_text("utf-8").splitlines()[-2])
    file = log.export(tmp_path / "log.jsonl", [17, 18])
    with_proof(file, lambda lines: lines.insert(-1, voucher))
    verified(file, TAMPERED, key=key)
    with_proof(other, lambda lines: lines[0].update(filter={"person": "another"}))
    verified(other, TAMPERED, "another filter than record", key=key)
    whole = log.export(tmp_path / "whole.jsonl")
    with_proof(whole, lambda lines: lines.insert(-1, voucher))
    verified(whole, TAMPERED, key=key)


def test_kept_checkpoint_that_the_proof_carries_is_compared(tmp_path: Path) -> None:
    """Of a CSV and of a part, whose records are not there to be hashed."""
    log = Log().fill(98)
    kept = [log.keep()]
    log.install_key(log.new_key())
    log.fill(30, seal_every=10_000)
    kept += [log.keep(), log.fill(30, seal_every=10_000).keep()]
    forged = log.key.note(log.size, bytes(32), 2, "2026-11-24T06:00:00.000Z")
    log.fill(40)
    key = log.first_key.vkey
    for file in (log.export_csv(tmp_path / "log.csv"), log.export(tmp_path / "log.jsonl", [7, 8, 90])):
        for number, note in enumerate(kept):
            (tmp_path / f"{number}").write_text(note, "utf-8")
        found = answer(export=file, key=key, checkpoints=[tmp_path / "0", tmp_path / "1", tmp_path / "2"])
        assert (found.code, len(found.lines)) == (OK, 5 if file.suffix == ".csv" else 6), found
        (tmp_path / "forged").write_text(forged, "utf-8")
        found = answer(export=file, key=key, checkpoints=[tmp_path / "forged"])
        assert found.code == TAMPERED and "not those of the kept checkpoint" in found.sentence, found


def test_export_in_a_zip_is_ok(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")
    archive = tmp_path / "log.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in (file, proof_of(file)):
            zipped.write(name, name.name)
        zipped.writestr("HOW-TO-VERIFY.txt", "…")
    verified(archive, OK, "300 records")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    verified(archive, CANNOT_TELL, "damaged zip file")


def test_export_after_retention_is_ok(tmp_path: Path) -> None:
    log = three_keys()
    log.retire("2024-10", 1, 150)
    log.seal()
    verified(log.export(tmp_path / "log.jsonl"), OK, "removed after their retention", key=log.first_key.vkey)
    log.removed.add(160)
    verified(log.export(tmp_path / "b.jsonl"), INCOMPLETE, "missing 160 ", seq=160, key=log.first_key.vkey)


def test_export_after_a_restore_needs_the_key_of_the_restore(tmp_path: Path) -> None:
    log = Log().fill(99)
    old = log.first_key.vkey
    log.restored()
    log.fill(99)
    file = log.export(tmp_path / "log.jsonl")
    verified(file, OK, key=log.key.vkey)
    verified(file, CANNOT_TELL, "restored at record 101 under another key", key=old)


# ---- H13: changed afterwards ----------------------------------------------------------------------------


def test_any_byte_changed_in_json_lines_is_found_and_the_record_named(tmp_path: Path) -> None:
    """One byte in each line."""
    file = LOG.export(tmp_path / "log.jsonl")
    whole = file.read_bytes()
    chance, start = random.Random(1), 0
    for seq, line in enumerate(whole.splitlines(keepends=True), 1):
        place = start + chance.randrange(len(line) - 1)
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        verified(file, TAMPERED, f"record {seq:,} ", seq=seq)
        start += len(line)


def test_any_byte_changed_in_csv_is_found(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv")
    verified(file, OK, "OK: 3 rows, byte for byte the file that record 52", key=log.first_key.vkey)
    whole = file.read_bytes()
    for place in range(len(whole) - 2):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert answer(export=file, key=log.first_key.vkey).code in (TAMPERED, INCOMPLETE)
    file.write_bytes(whole[:-1] + b"x")
    verified(file, TAMPERED, "is not the file", key=log.first_key.vkey)
    file.write_bytes(whole[:-1])
    verified(file, INCOMPLETE, "cut short: 2 of 3 rows", key=log.first_key.vkey)
    with file.open("r+b") as sparse:
        sparse.truncate(5 << 30)
    verified(file, TAMPERED, "more than the 3 rows", key=log.first_key.vkey)
    file.write_bytes(whole.replace(b"15:00:01", b"15:00:09"))
    verified(file, TAMPERED, "is not the file that record 52 vouches for", key=log.first_key.vkey)


def test_any_byte_changed_in_the_proof_is_found(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl", [5, 6, 90, 211])
    proof = proof_of(file)
    whole = proof.read_bytes()
    for place in range(0, len(whole), 7):
        proof.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = answer(export=file, key=KEY)
        assert found.code in (TAMPERED, CANNOT_TELL), (place, found)
        assert "failed" not in found.sentence


def test_byte_changed_in_a_signature_is_found(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")

    def change(lines: list[dict[str, Any]]) -> None:
        line = next(line for line in lines if "checkpoint" in line)
        note = line["checkpoint"]
        line["checkpoint"] = note[:-20] + ("A" if note[-20] != "A" else "B") + note[-19:]

    with_proof(file, change)
    verified(file, TAMPERED, "no good signature of the key in force there, number 3")


def test_filter_and_rows_of_a_csv_are_what_the_record_says(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv", filter={"door": "entrance"})
    verified(file, OK, "filtered: 3 of 51", key=log.first_key.vkey)
    with_proof(file, lambda lines: lines[0].update(filter=None))
    verified(file, TAMPERED, "another filter than record 52", key=log.first_key.vkey)


# ---- H14, cut short, rows dropped -----------------------------------------------------------------------


def test_export_cut_short_names_what_is_missing(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:250]))
    verified(file, INCOMPLETE, "missing 251–300", seq=251)
    file.write_bytes(b"".join(lines[:250]) + lines[250][:20])
    verified(file, INCOMPLETE, "missing 251–300", seq=251)
    proof = proof_of(file)
    file.write_bytes(b"".join(lines))
    proof.write_bytes(proof.read_bytes()[:-200])
    verified(file, CANNOT_TELL, "is cut short")


def test_csv_cut_short_says_how_many_rows_are_left(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv", rows=9)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:6]))
    verified(file, INCOMPLETE, "cut short: 5 of 9 rows", key=log.first_key.vkey)


def test_rows_dropped_from_an_export_called_whole_are_named(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl", sorted(set(range(1, 301)) - {7, 8, 90}))
    with_proof(file, lambda lines: lines[0].update(filter=None))
    verified(file, INCOMPLETE, "missing 7–8, 90 of 300", seq=7)
    file = LOG.export(tmp_path / "b.jsonl", sorted(set(range(1, 301)) - {7, 8, 90}))

    def claim(lines: list[dict[str, Any]]) -> None:
        lines[0].update(filter=None)
        lines.insert(
            next(i for i, line in enumerate(lines) if "hashes" in line), {"removed": [[7, 8], [90, 90]]}
        )

    with_proof(file, claim)
    verified(file, INCOMPLETE, "missing 7–8, 90 of 300", seq=7)


def test_lines_dropped_swapped_or_doubled_are_found(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl", [4, 5, 6, 7])
    one, two, three, four = file.read_bytes().splitlines(keepends=True)
    for lines in ([one, three, four], [one, three, two, four], [one, two, two, three, four]):
        file.write_bytes(b"".join(lines))
        verified(file, TAMPERED)
    file.write_bytes(one + two + three + four + one)
    verified(file, TAMPERED, "more than the 4 records")


def test_name_changed_or_added_or_removed_is_found(tmp_path: Path) -> None:
    for change in ({"details": '{"name":"佐藤"}'}, {"salt": "00" * 16}):
        file = LOG.export(tmp_path / "log.jsonl", [2])
        line = json.loads(file.read_text("utf-8")) | change
        file.write_text(canonical(line) + "\n", "utf-8")
        with_proof(file, lambda lines: None)
        verified(file, TAMPERED, "record 2 has details that do not match", seq=2)
    file = LOG.export(tmp_path / "log.jsonl", [2])
    file.write_text(canonical(json.loads(file.read_text("utf-8")) | {"salt": None, "details": None}) + "\n")
    verified(file, TAMPERED, "was changed after its export")


def test_voucher_that_does_not_say_which_rows_proves_none(tmp_path: Path) -> None:
    """Like earlier vouchers, whose details were beside them and could be removed."""
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv", filter={"door": "entrance"})
    fields = json.loads(log.bodies[-1])
    del fields["filter"]
    log.bodies[-1] = canonical(fields)
    log.seal()

    def bare(lines: list[dict[str, Any]]) -> None:
        lines[0].update(filter=None)
        lines[2]["checkpoint"] = log.notes[log.size]
        lines[3]["voucher"].update(body=log.bodies[-1])

    with_proof(file, bare)
    verified(file, CANNOT_TELL, "does not say which rows log.csv holds", key=log.first_key.vkey)


# ---- Names and details that are not there ---------------------------------------------------------------


def erased(log: Log, *seqs: int) -> None:
    for seq in seqs:
        log.beside[seq - 1] = None


def test_export_without_some_details_needs_a_signed_erasure(tmp_path: Path) -> None:
    log = Log().fill(99)
    erased(log, 2, 5)
    for included in (None, [2, 3, 5]):
        file = log.export(tmp_path / "a.jsonl", included)
        verified(file, INCOMPLETE, "erasure of 0", seq=2, key=log.first_key.vkey)
    log.add("person_erased", person="0" * 16, records=2)
    log.seal()
    verified(log.export(tmp_path / "b.jsonl"), OK, "the details of 2 erased", key=log.first_key.vkey)
    part = log.export(tmp_path / "c.jsonl", [2, 3, 5])
    verified(
        part,
        OK,
        "filtered: 3 of 101 records, each as it was written, the details of 2 erased",
        key=log.first_key.vkey,
    )
    with_proof(part, lambda lines: [lines.remove(line) for line in lines if "erasure" in line] and None)
    verified(part, INCOMPLETE, "details of 2 records are not in c.jsonl", key=log.first_key.vkey)
    part = log.export(tmp_path / "d.jsonl", [2, 3, 5])
    with_proof(
        part,
        lambda lines: (
            [line["erasure"].update(body=log.bodies[2]) for line in lines if "erasure" in line] and None
        ),
    )
    verified(part, TAMPERED, key=log.first_key.vkey)


def test_export_created_without_details_says_so_first(tmp_path: Path) -> None:
    log = Log().fill(99)
    erased(log, *range(1, 101))
    file = log.export(tmp_path / "month.jsonl", range(1, 50), details="withheld")
    verified(file, OK, "written, without their names and details", key=log.first_key.vkey)


# ---- H9: keys -------------------------------------------------------------------------------------------


def resigned(log: Log, size: int) -> None:
    log.notes[size] = log.key.note(size, mth(log.leaves[:size]), log.number, "2026-11-24T06:00:00.000Z")


@pytest.mark.parametrize("included", [None, [250]])
def test_newer_key_that_seals_older_entries_is_found(tmp_path: Path, included: list[int] | None) -> None:
    """Today's key over a rewritten yesterday; the record shown need not be the one rewritten."""
    log = three_keys()
    fields = json.loads(log.bodies[16]) | {"door": "other"}
    log.bodies[16] = canonical(fields)
    resigned(log, 300)
    verified(
        log.export(tmp_path / "log.jsonl", included), TAMPERED, "does not begin with", key=log.first_key.vkey
    )


def test_key_that_signs_the_size_of_the_one_before_is_found(tmp_path: Path) -> None:
    log = Log().fill(98)
    log.install_key(log.new_key())
    resigned(log, 100)
    verified(log.export(tmp_path / "log.jsonl"), TAMPERED, "after one of", key=log.first_key.vkey)


def test_skipped_key_step_is_found(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")

    def skip(lines: list[dict[str, Any]]) -> None:
        del lines[2]
        lines[2]["key"]["consistency"] = None

    with_proof(file, skip)
    verified(file, TAMPERED, "no good signature of the key in force there, number 1")


def test_key_added_by_nobody_is_found(tmp_path: Path) -> None:
    """A key of the attacker's own, in a record that no checkpoint holds."""
    file = LOG.export(tmp_path / "log.jsonl")
    mine = Signer(LOG.key.origin)

    def change(lines: list[dict[str, Any]]) -> None:
        body = json.loads(lines[3]["key"]["body"]) | {"key": mine.vkey}
        lines[3]["key"]["body"] = canonical(body)
        place = next(i for i, line in enumerate(lines) if "checkpoint" in line)
        lines[place]["checkpoint"] = mine.note(300, mth(LOG.leaves), 3, "2026-11-24T06:00:00.000Z")

    with_proof(file, change)
    verified(file, TAMPERED, "adds a key, and no checkpoint covers it")


def test_wrong_key_is_distinguished_from_another_device(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")
    verified(file, TAMPERED, "the trusted key is not a key of this log", key=Signer(LOG.key.origin).vkey)
    verified(file, CANNOT_TELL, "another device", key=Signer("genkan/" + "0" * 32).vkey)
    verified(file, CANNOT_TELL, "the key is missing", key=None)


# ---- Files that are not exports ----------------------------------------------------------------------------


def test_unsigned_empty_unknown_or_huge_files_are_never_ok(tmp_path: Path) -> None:
    file = LOG.export(tmp_path / "log.jsonl")
    proof = proof_of(file)
    whole = proof.read_bytes()
    with_proof(file, lambda lines: lines[0].update(version=2))
    verified(file, CANNOT_TELL, "is of version 2")
    proof.write_bytes(whole)
    with_proof(file, lambda lines: lines.__delitem__(slice(1, 5)))
    verified(file, CANNOT_TELL, "nothing here is signed")
    proof.write_bytes(b"")
    verified(file, CANNOT_TELL, "is empty")
    proof.write_bytes(b"seq,utc\r\n")
    verified(file, CANNOT_TELL, "no proof of a Genkan export")
    with proof.open("wb") as sparse:
        sparse.truncate(5 << 30)
    verified(file, CANNOT_TELL, "no proof of a Genkan export")
    proof.unlink()
    verified(file, CANNOT_TELL, "is missing, and without it nothing is signed")
    proof.write_bytes(whole)
    with file.open("r+b") as sparse:
        sparse.truncate(5 << 30)
    verified(file, TAMPERED, "more than the 300 records")
    file.write_bytes(b"")
    verified(file, CANNOT_TELL, "is empty")
    verified(tmp_path, CANNOT_TELL, "cannot be read (Is a directory)")
    verified(tmp_path / "nowhere", CANNOT_TELL, "cannot be read (No such file or directory)")


SMALL = Log().fill(20)
SMALL.install_key(SMALL.new_key())
SMALL.fill(3)
SMALL.seal()


@pytest.mark.parametrize(
    ("which", "name", "values"),
    [
        ("key", None, {"x": 1}),  # a further field, as of a later format
        ("rows", "rows", 3.0),
        ("size", "size", float(SMALL.size)),
        ("shown", "shown", [[3, 4], [21, 21.0]]),
        ("shown", "shown", [[3, 4], [21, True]]),
        ("marks", "marks", str.upper),
        ("marks", "marks", lambda mark: f"{mark[:4]} {mark[4:]}"),
        ("end", "bytes", float),
        ("end", "end", False),
        ("end", "end", 1),
        ("removed", None, [[1, 2]]),  # in a part of the log, without the rest
    ],
)
def test_proof_that_says_the_same_in_another_way_is_not_as_it_was_written(
    tmp_path: Path, which: str, name: str | None, values: Any
) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3, 4, 21])
    verified(file, OK, key=SMALL.first_key.vkey)

    def change(lines: list[dict[str, Any]]) -> None:
        line = [line for line in lines if which in line or which == "removed"][-1]
        if which == "removed":
            at = next(at for at, line in enumerate(lines) if "hashes" in line)
            lines.insert(at, {"removed": values})
        elif which == "key":
            line["key"].update(values)
        elif which == "marks":
            line["marks"] = [values(mark) if callable(values) else mark for mark in line["marks"]]
        else:
            line[str(name)] = values(line[str(name)]) if callable(values) else values

    with_proof(file, change)
    if which in ("rows", "size"):
        verified(file, CANNOT_TELL, "has no proof of a Genkan export", key=SMALL.first_key.vkey)
    else:
        verified(file, TAMPERED, "of the proof is not as Genkan wrote it", key=SMALL.first_key.vkey)


def test_proof_of_a_table_holds_nothing_that_belongs_to_records(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv")
    for more in ({"shown": [[1, 2]]}, {"hashes": []}, {"marks": []}):
        log.export_csv(file)
        with_proof(file, lambda lines, more=more: lines.insert(-2, more))
        verified(file, TAMPERED, "of the proof is not as Genkan wrote it", key=log.first_key.vkey)


def test_second_voucher_is_one_too_many(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv")
    with_proof(file, lambda lines: lines.insert(-1, lines[-2]))
    verified(file, TAMPERED, "of the proof is not as Genkan wrote it", key=log.first_key.vkey)


def test_record_shown_and_said_to_be_removed_is_found(tmp_path: Path) -> None:
    log = Log().fill(20)
    log.retire("2026-10", 5, 9)
    log.fill(5)
    log.seal()
    file = log.export(tmp_path / "log.jsonl")
    verified(file, OK, "5 of them removed", key=log.first_key.vkey)

    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if "removed" in line)["removed"] = [[5, 10]]

    with_proof(file, change)
    verified(file, TAMPERED, "both as removed and as present", key=log.first_key.vkey)


@pytest.mark.parametrize("salt", ["", 0, "00" * 16])
def test_salt_of_nothing_is_not_canonical(tmp_path: Path, salt: Any) -> None:
    log = Log().fill(5)
    log.add("heartbeat")
    log.seal()
    file = log.export(tmp_path / "log.jsonl", [log.size])
    line = json.loads(file.read_text("utf-8"))
    assert (line["details"], line["salt"]) == (None, None)
    file.write_text(canonical(line | {"salt": salt}) + "\n", "utf-8")
    with_proof(file, lambda lines: None)
    verified(file, TAMPERED, "is not in canonical form", seq=log.size, key=log.first_key.vkey)


def test_salt_written_in_another_way_is_not_canonical(tmp_path: Path) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [2])
    line = json.loads(file.read_text("utf-8"))
    file.write_text(canonical(line | {"salt": line["salt"].upper()}) + "\n", "utf-8")
    with_proof(file, lambda lines: None)
    verified(file, TAMPERED, "record 2 is not in canonical form", seq=2, key=SMALL.first_key.vkey)


@pytest.mark.parametrize("change", ["\n", '{"a":1}\n{"b":2}', "", "{}\n", "{}\n{}\n{}"])
def test_record_with_a_line_feed_or_none_at_all_is_named(tmp_path: Path, change: str) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3, 4])
    first, second = file.read_text("utf-8").splitlines()
    body = change.replace("{}", json.loads(first)["body"])
    file.write_text(canonical(json.loads(first) | {"body": body}) + f"\n{second}\n", "utf-8")

    def fit(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if "marks" in line)["marks"][0] = leaf(body).hex()[:8]

    with_proof(file, fit)
    verified(file, TAMPERED, "record 3 is not in canonical form", seq=3, key=SMALL.first_key.vkey)


def test_bytes_after_the_end_of_a_proof_are_found(tmp_path: Path) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3])
    whole = proof_of(file).read_bytes()
    for more in (b"x", b"\0" * 1000, b"\n", b'{"marks":[]}\n'):
        proof_of(file).write_bytes(whole + more)
        verified(file, TAMPERED, "of the proof is not as Genkan wrote it", key=SMALL.first_key.vkey)


@pytest.mark.parametrize("voucher", [None, 0, {}, False])
def test_voucher_that_is_none_is_not_as_it_was_written(tmp_path: Path, voucher: Any) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3])
    with_proof(file, lambda lines: lines.insert(-1, {"voucher": voucher}))
    verified(file, TAMPERED, "of the proof is not as Genkan wrote it", key=SMALL.first_key.vkey)


def test_proof_of_more_hashes_than_records_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A few megabytes of zip would be gigabytes of them."""
    for name in ("hashes", "marks"):
        file = SMALL.export(tmp_path / "log.jsonl", [3])

        def flood(lines: list[dict[str, Any]], name: str = name) -> None:
            at = next(at for at, line in enumerate(lines) if name in line)
            lines[at : at + 1] = [lines[at]] * 100

        with_proof(file, flood)
        sentence = verified(
            file, TAMPERED, "of the proof is not as Genkan wrote it", key=SMALL.first_key.vkey
        )
        assert int(sentence.sentence.split()[2]) < 40


def saved(text: bytes, how: str) -> bytes:
    match how:
        case "mark":
            return b"\xef\xbb\xbf" + text
        case "no mark":
            return text.removeprefix(b"\xef\xbb\xbf")
        case "line ends of Windows":
            return text.replace(b"\n", b"\r\n")
        case "line ends of Unix":
            return text.replace(b"\r\n", b"\n")
        case "UTF-16":
            return text.decode("utf-8-sig").encode("utf-16")
        case "Japanese Windows":
            return text.decode("utf-8-sig").encode("cp932")
    return text.replace(b'"', b"")


@pytest.mark.parametrize("how", ["mark", "line ends of Windows", "UTF-16"])
def test_json_lines_saved_by_an_editor_are_reported(tmp_path: Path, how: str) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3, 4])
    whole, key = file.read_bytes(), SMALL.first_key.vkey
    file.write_bytes(saved(whole, how))
    verified(file, TAMPERED, "another program seems to have saved it again", seq=3, key=key)
    file.write_bytes(whole)
    proof_of(file).write_bytes(saved(proof_of(file).read_bytes(), how))
    verified(file, CANNOT_TELL, "another program seems to have saved it again", key=key)


@pytest.mark.parametrize("how", ["no mark", "line ends of Unix", "UTF-16", "Japanese Windows", "no quotes"])
def test_table_saved_by_a_spreadsheet_is_reported(tmp_path: Path, how: str) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv")
    file.write_bytes(saved(file.read_bytes(), how))
    verified(file, TAMPERED, "another program seems to have saved it again", key=log.first_key.vkey)


def test_table_with_rows_removed_says_which_numbers_are_not_in_it(tmp_path: Path) -> None:
    log = Log().fill(50)
    file, key = log.export_csv(tmp_path / "log.csv", rows=9), log.first_key.vkey
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:4] + lines[6:]))
    verified(file, INCOMPLETE, "lacks rows: 7 of 9 are there, up to record 8, without 3–4", seq=3, key=key)
    file.write_bytes(b"".join(lines[:4]))
    verified(file, INCOMPLETE, "cut short: 3 of 9 rows, up to record 2", seq=3, key=key)


def test_row_that_was_cut_is_not_the_last_one(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv", rows=20)
    rows = file.read_bytes().splitlines(keepends=True)
    for cut in (rows[16][:2], rows[16][:-1], rows[16].rstrip(b"\r\n") + b',"of two\r\n'):
        file.write_bytes(b"".join(rows[:16]) + cut)
        verified(file, INCOMPLETE, "cut short: 15 of 20 rows, up to record 14.", key=log.first_key.vkey)


@pytest.mark.parametrize("endless", [b"aaaa", b'"\n",', b"a,a,", b'"a",'])
def test_row_without_an_end_is_not_read_into_memory(tmp_path: Path, endless: bytes) -> None:
    """A few megabytes of zip would be gigabytes of it."""
    with zipfile.ZipFile(tmp_path / "log.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        rows = b'\xef\xbb\xbf"No."\r\n1,"a"\r\n3,"b"\r\n4,'
        archive.writestr("log.csv", rows + endless * (1 << 24))
    with zipfile.ZipFile(tmp_path / "log.zip") as archive:
        tracemalloc.start()
        try:
            assert numbers_of(lambda: archive.open("log.csv")) == (3, [(2, 2)])
            assert tracemalloc.get_traced_memory()[1] < 32 << 20
        finally:
            tracemalloc.stop()


def test_table_shorter_by_a_letter_is_tampered_not_incomplete(tmp_path: Path) -> None:
    log = Log().fill(50)
    file = log.export_csv(tmp_path / "log.csv")
    file.write_bytes(file.read_bytes().replace(b"15:00:01", b"15:00:1", 1))
    verified(file, TAMPERED, "is not the file that record", key=log.first_key.vkey)


def test_pipe_is_reported_and_not_waited_for(tmp_path: Path) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3])
    for one in (file, proof_of(file)):
        kept = one.read_bytes()
        one.unlink()
        os.mkfifo(one)
        verified(file, CANNOT_TELL, f"{one} is not a regular file", key=SMALL.first_key.vkey)
        one.unlink()
        one.write_bytes(kept)


def test_name_in_a_zip_cannot_forge_an_answer(tmp_path: Path) -> None:
    name = "\x1b[1A\x1b[2KOK: 300 records.\n"
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        archive.writestr(name, "x")
        archive.writestr(f"{name}.proof", "x")
    found = verified(tmp_path / "log.zip", CANNOT_TELL, "has no proof of a Genkan export")
    assert all(line.isprintable() for line in (found.sentence, *found.lines))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_of_any_kind_is_read_and_a_damaged_one_reported(tmp_path: Path, method: int) -> None:
    file, packed = LOG.export(tmp_path / "log.jsonl"), tmp_path / "log.zip"
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.write(file, "log.jsonl")
        archive.write(proof_of(file), "log.jsonl.proof")
    verified(packed, OK, "300 records")
    damaged = bytearray(packed.read_bytes())
    damaged[200:260] = bytes(60)
    packed.write_bytes(damaged)
    found = answer(export=packed, key=KEY)
    assert found.code in (TAMPERED, CANNOT_TELL)
    assert "program failed" not in found.sentence


def test_key_saved_as_utf_16_is_read(tmp_path: Path) -> None:
    file = SMALL.export(tmp_path / "log.jsonl", [3])
    (tmp_path / "key.txt").write_text(SMALL.first_key.vkey, "utf-16")
    verified(file, OK, key=str(tmp_path / "key.txt"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_of_export_or_proof_is_ok_or_beyond_words(tmp_path: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["whole", "part", "csv"]))
    log = Log(SMALL.key)
    log.__dict__.update(
        {name: value.copy() if hasattr(value, "copy") else value for name, value in vars(SMALL).items()}
    )
    if kind == "csv":
        file = log.export_csv(tmp_path / "log.csv")
    else:
        file = log.export(tmp_path / "log.jsonl", None if kind == "whole" else [3, 4, 21])
    victim = data.draw(st.sampled_from([file, proof_of(file)]))
    whole = victim.read_bytes()
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    mutated = data.draw(
        st.one_of(st.binary(max_size=8), st.sampled_from([b"\n", b"null", b"{}", b"[]", b'"', b"9" * 40]))
    )
    changed = whole[:start] + mutated + whole[end:]
    victim.write_bytes(changed)
    found = answer(export=file, key=SMALL.first_key.vkey)
    if changed == whole:
        assert found.code == OK
    else:
        assert found.code in (TAMPERED, INCOMPLETE, CANNOT_TELL)
        assert "program failed" not in found.sentence, found.sentence


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_proof_created_to_fit_by_its_own_hash_is_ok(tmp_path: Path, data: st.DataObject) -> None:
    """As an attacker would: a value of the proof is another one, and the hash at its end is right again."""
    file = SMALL.export(tmp_path / "log.jsonl", [3, 4, 21])
    before = proof_of(file).read_bytes()
    anything = st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=5), st.just([]), st.just({}),
        st.just([[1, 2]]), st.just(["AAAA"]), st.just("x" * 44), st.just({"body": "{}", "proof": []}),
    )  # fmt: skip

    def change(lines: list[dict[str, Any]]) -> None:
        line = lines[data.draw(st.integers(0, len(lines) - 2))]
        name = data.draw(st.sampled_from(sorted(line)))
        if isinstance(line[name], dict) and name != "filter":
            line, name = line[name], data.draw(st.sampled_from(sorted(line[name])))
        if name != "filter":  # what a proof says of its filter is for people; JSON Lines prove themselves
            line[name] = data.draw(anything)

    with_proof(file, change)
    found = answer(export=file, key=SMALL.first_key.vkey)
    assert found.code != OK or proof_of(file).read_bytes() == before
    assert "program failed" not in found.sentence, found.sentence


def test_leaf_of_the_reference_is_the_leaf_of_the_format() -> None:
    assert leaf("").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
