"""Exports with proof, to the auditor's program: as they are, cut, changed, a part passed off as the whole."""

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.errors import NotPermitted
from controller.model.events import EventType, Section
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.log.entry_log import LogFilter
from controller.services.log.export import (
    COLUMNS,
    ProvedExport,
    TableText,
    csv,
    proved_csv,
    proved_json_lines,
)
from controller.services.log.signing import NoProof, Signer, fresh_checkpoint
from controller.services.site import Site
from tests.auditor import run_verifier
from tests.controller.journal.samples import raw
from tests.controller.services.door_side import DoorSide
from tests.controller.services.signing import NOBODY, signer, signs
from tests.sample_site import AUDITOR, NOW, VIEWER, later

TEXT = TableText(COLUMNS, {}, ZoneInfo("Asia/Tokyo"))
EVERYTHING = LogFilter()
ONE_PERSON = LogFilter(person="person-1")
REFUSALS = LogFilter(sections=frozenset({Section.DENIED}))
Kind = Callable[[Site, LogFilter, Signer], ProvedExport]


def table(site: Site, filter: LogFilter, signer: Signer) -> ProvedExport:
    return proved_csv(Acting(site, AUDITOR, NOW), filter, TEXT, signer)


def json_lines(site: Site, filter: LogFilter, signer: Signer) -> ProvedExport:
    return proved_json_lines(Acting(site, AUDITOR, NOW), filter, signer)


KINDS = pytest.mark.parametrize("kind", [table, json_lines])
FILTERS = pytest.mark.parametrize("filter", [EVERYTHING, ONE_PERSON, REFUSALS])


def a_day(door: DoorSide, taps: int = 40) -> None:
    for minute in range(taps):
        who = f"person-{minute % 3}"
        names = {"name": f"氏名 {who}", "last_four": f"{minute:04d}"}
        granted = {"door": "entrance", "result": "granted", "person": who, "details": names}
        door.record(EventType.ACCESS_GRANTED, later(minutes=minute), **granted)
        if minute % 4 == 0:
            door.record(EventType.ACCESS_DENIED, later(minutes=minute), reason="credential_unknown")


def written(export: ProvedExport, file: Path) -> Path:
    file.write_bytes(b"".join(export.lines))
    file.with_name(file.name + ".proof").write_bytes(b"".join(export.proof().lines))
    return file


def key(site: Site) -> Path:
    return site.config.data / "keys" / "shared" / "log.vkey"


@KINDS
@FILTERS
def test_auditor_finds_it_good_and_is_shown_what_part_it_is(
    site: Site, tmp_path: Path, kind: Kind, filter: LogFilter
):
    with DoorSide(site) as door:
        a_day(door)
        export = kind(site, filter, signer(door))
        file = written(export, tmp_path / "export")
        status, sentence = run_verifier(file, key(site))
    assert status == 0, sentence
    assert ("filtered: " in sentence) is (filter != EVERYTHING)
    assert f"{export.count:,}" in sentence


@KINDS
@FILTERS
def test_one_byte_changed_anywhere_is_never_ok(site: Site, tmp_path: Path, kind: Kind, filter: LogFilter):
    with DoorSide(site) as door:
        a_day(door, 6)
        file = written(kind(site, filter, signer(door)), tmp_path / "export")
    proof = file.with_name("export.proof")
    for part in (file, proof):
        good = part.read_bytes()
        for place in random.Random("places").sample(range(len(good)), 150):
            part.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            status, sentence = run_verifier(file, key(site))
            assert status in (1, 3, 4), f"byte {place} of {part.name}: {sentence}"
        part.write_bytes(good)


@KINDS
def test_row_left_out_is_never_ok(site: Site, tmp_path: Path, kind: Kind):
    with DoorSide(site) as door:
        a_day(door)
        file = written(kind(site, EVERYTHING, signer(door)), tmp_path / "export")
    lines = file.read_bytes().splitlines(keepends=True)
    for place in (1, len(lines) // 2, len(lines) - 1):
        file.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
        assert run_verifier(file, key(site))[0] in (1, 3)


@pytest.mark.parametrize("filter", [ONE_PERSON, REFUSALS])
def test_part_as_json_lines_is_vouched_for_where_a_door_signs(site: Site, tmp_path: Path, filter: LogFilter):
    with DoorSide(site) as door:
        a_day(door)
        export = json_lines(site, filter, signer(door))
        size = site.journal.newest_seq()
        file = written(export, tmp_path / "export")
        status, sentence = run_verifier(file, key(site))
        assert status == 0
        assert f"filtered: {export.count} of {size} records" in sentence
        assert "vouches for" in sentence and "no record" not in sentence
    file = written(json_lines(site, filter, NOBODY), tmp_path / "later")
    status, sentence = run_verifier(file, key(site))
    assert status == 0 and "no record vouches that no other fits the filter" in sentence


@KINDS
@FILTERS
def test_checkpoint_asked_for_earlier_is_compared(site: Site, tmp_path: Path, kind: Kind, filter: LogFilter):
    with DoorSide(site) as door:
        kept = []
        for number in range(3):
            a_day(door, 8)
            checkpoint = fresh_checkpoint(Acting(site, AUDITOR, NOW), signer(door))
            kept.append(tmp_path / f"kept-{number}")
            kept[-1].write_text(checkpoint.note or "", "utf-8")
        a_day(door, 8)
        file = written(kind(site, filter, signer(door)), tmp_path / "export")
    options = [word for one in kept for word in ("--checkpoint", one)]
    status, sentence = run_verifier(file, key(site), *options)
    assert status == 0, sentence
    assert sentence.count("It extends the kept checkpoint") == 3


def test_part_is_not_vouched_for_when_the_door_signs_too_late(site: Site, tmp_path: Path):
    with DoorSide(site) as door:
        a_day(door)
        waits = iter([signs(door), lambda: False])
        export = json_lines(site, ONE_PERSON, Signer(lambda: next(waits)))
        status, sentence = run_verifier(written(export, tmp_path / "export"), key(site))
    assert status == 0 and "no record vouches" in sentence


def test_part_passed_off_as_the_whole_is_never_ok(site: Site, tmp_path: Path):
    with DoorSide(site) as door:
        a_day(door)
        file = written(table(site, ONE_PERSON, signer(door)), tmp_path / "export")
    proof = file.with_name("export.proof")
    lines = proof.read_bytes().splitlines(keepends=True)
    head = json.loads(lines[0])
    assert head["filter"] == {"person": "person-1"}
    lines[0] = _line(head | {"filter": None})
    end = json.loads(lines.pop())
    proof.write_bytes(b"".join(lines) + _line(end | {"proof": hashlib.sha256(b"".join(lines)).hexdigest()}))
    status, sentence = run_verifier(file, key(site))
    assert status == 1, sentence


def _line(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@KINDS
def test_what_was_exported_and_its_hash_are_records_too(site: Site, tmp_path: Path, kind: Kind):
    with DoorSide(site) as door:
        a_day(door, 5)
        export = kind(site, REFUSALS, signer(door))
        with site.registry.read() as db:
            rows = {row.action: row for row in actions.actions_after(db, 0, 100)}
        assert rows["log_exported"].after is not None, "before the first byte"
        assert rows["log_exported"].after["rows"] == export.count == 2
        assert "export_sealed" not in rows
        file = written(export, tmp_path / "export")
        with site.registry.read() as db:
            sealed = actions.actions_after(db, 0, 100)[-1]
    assert (sealed.action, sealed.object_type) == ("export_sealed", "export")
    assert sealed.object_id == hashlib.sha256(file.read_bytes()).hexdigest()
    assert sealed.after is not None and sealed.after["sections"] == ["denied"]


def test_json_lines_end_at_the_newest_checkpoint_while_the_door_does_not_run(site: Site, tmp_path: Path):
    with DoorSide(site) as door:
        a_day(door)
        before = proved_json_lines(Acting(site, AUDITOR, NOW), EVERYTHING, signer(door)).count
        a_day(door)
    export = json_lines(site, EVERYTHING, NOBODY)
    file = written(export, tmp_path / "export")
    assert export.count == before < site.journal.newest_seq()
    assert run_verifier(file, key(site))[0] == 0


def test_table_is_good_without_a_proof_while_the_door_does_not_run(site: Site):
    with DoorSide(site) as door:
        a_day(door, 5)
    export = table(site, EVERYTHING, NOBODY)
    plain = csv(Acting(site, AUDITOR, NOW), EVERYTHING, TEXT)
    assert b"".join(export.lines) == b"".join(plain.lines)
    with pytest.raises(NoProof, match="not running"):
        export.proof()


def test_table_is_not_vouched_for_when_months_went_while_it_was_written(site: Site):
    with DoorSide(site) as door:
        a_day(door, 5)
        export = table(site, EVERYTHING, signer(door))
        b"".join(export.lines)
        with raw(site.config.data / "journal") as connection:
            connection.execute("INSERT INTO removed SELECT seq, leaf FROM events WHERE seq = 2")
            connection.execute("DELETE FROM events WHERE seq = 2")
        with pytest.raises(NoProof, match="export again"):
            export.proof()


@KINDS
def test_viewer_may_not_export(site: Site, kind: Kind):
    with DoorSide(site) as door, pytest.raises(NotPermitted):
        if kind is table:
            proved_csv(Acting(site, VIEWER, NOW), EVERYTHING, TEXT, signer(door))
        else:
            proved_json_lines(Acting(site, VIEWER, NOW), EVERYTHING, signer(door))
