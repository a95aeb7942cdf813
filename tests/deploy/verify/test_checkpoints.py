"""Checkpoints that somebody kept: a log that was rolled back, forked or is another's does not pass."""

from pathlib import Path

import pytest

from deploy.verify.genkan_verify import answer
from tests.deploy.verify.conftest import CANNOT_TELL, INCOMPLETE, OK, TAMPERED, forge, verified
from tests.deploy.verify.reference import Log, Signer, mth

TIME = "2026-11-24T06:00:00.000Z"


@pytest.fixture
def log() -> Log:
    log = Log().fill(198)
    log.install_key(log.new_key())
    return log.fill(150)


def kept(folder: Path, note: str, name: str = "kept.txt") -> Path:
    (folder / name).write_text(note, "utf-8")
    return folder / name


def test_log_that_extends_the_kept_checkpoint_is_ok(log: Log, tmp_path: Path) -> None:
    data = log.write(tmp_path / "data")
    for size in (100, 200, 300):
        verified(data, code=OK, checkpoints=[kept(tmp_path, log.notes[size])])


def test_kept_checkpoint_is_read_from_a_mail_or_a_print(log: Log, tmp_path: Path) -> None:
    data = log.write(tmp_path / "data")
    note = log.notes[200]
    for text in (
        f"Review of November\n\n{note}\n▄▄▄▄▄\n█ ▄▄▄ █\n",
        note.replace("\n", "\r\n"),
        note.rstrip("\n"),
    ):
        verified(data, code=OK, checkpoints=[kept(tmp_path, text)])
    verified(
        data, code=CANNOT_TELL, sentence="holds no checkpoint", checkpoints=[kept(tmp_path, "genkan/1\n")]
    )


def test_restored_old_copy_is_shown_by_what_was_kept(log: Log, tmp_path: Path) -> None:
    """Any older state of the folder."""
    later = kept(tmp_path, log.notes[300])
    data = log.write(tmp_path / "data")
    for size in (349, 300, 299, 250, 200, 199, 100, 7):
        forge(data, "DELETE FROM events WHERE seq > ?", (size,))
        if size >= 300:
            verified(data, code=OK, checkpoints=[later])
            continue
        if size in (299, 199):
            forge(data, "DELETE FROM checkpoints WHERE size > ?", (size,))
        verified(data, code=INCOMPLETE, seq=size + 1, sentence=f"missing {size + 1}", checkpoints=[later])


def test_rolled_back_past_the_key_of_the_kept_checkpoint_is_reported(log: Log, tmp_path: Path) -> None:
    later = kept(tmp_path, log.notes[300])
    data = log.write(tmp_path / "data")
    forge(data, "DELETE FROM events WHERE seq > 150")
    forge(data, "DELETE FROM checkpoints WHERE size > 150")
    verified(data, code=OK)
    found = verified(data, code=INCOMPLETE, seq=151, sentence="missing 151–300, which", checkpoints=[later])
    assert "rolled back, and key" in found.sentence


def test_fake_checkpoints_all_fail(log: Log, tmp_path: Path) -> None:
    """Wrong key, wrong device, smaller size, same size with another root."""
    data = log.write(tmp_path / "data")
    root = mth(log.leaves[:200])
    other = [b"x" * 32, *log.leaves[1:200]]
    wrong_key = Signer(log.key.origin).note(200, root, 1, TIME)
    verified(data, code=TAMPERED, sentence="no good signature", checkpoints=[kept(tmp_path, wrong_key)])
    device = Signer("genkan/" + "2" * 32).note(200, root, 1, TIME)
    verified(data, code=CANNOT_TELL, sentence="another device", checkpoints=[kept(tmp_path, device)])
    smaller = log.first_key.note(150, root, 1, TIME)
    verified(data, code=TAMPERED, sentence="1–150 are not those", checkpoints=[kept(tmp_path, smaller)])
    same = log.first_key.note(200, mth(other), 1, TIME)
    verified(data, code=TAMPERED, sentence="1–200 are not those", checkpoints=[kept(tmp_path, same)])
    later_key = log.key.note(150, mth(log.leaves[:150]), 2, TIME)
    verified(data, code=TAMPERED, sentence="no good signature", checkpoints=[kept(tmp_path, later_key)])


def test_history_rewritten_with_all_keys_is_shown_by_what_was_kept(log: Log, tmp_path: Path) -> None:
    """Even a complete forgery of the log, with new keys, has another first key or another root."""
    note = kept(tmp_path, log.notes[200])
    forged = Log(log.first_key).fill(350)
    data = forged.write(tmp_path / "data")
    verified(data, code=OK)
    assert verified(data, code=TAMPERED, checkpoints=[note]).seq == 1


def test_two_checkpoints_alone(log: Log, tmp_path: Path) -> None:
    key = log.first_key
    old, new = kept(tmp_path, log.notes[100]), kept(tmp_path, log.notes[200], "new.txt")

    def assert_concluded(code: int, sentence: str, *files: Path) -> None:
        found = answer(key=key.vkey, checkpoints=files)
        assert (found.code, sentence in found.sentence) == (code, True), found

    assert_concluded(OK, "both checkpoints are of the same 100 records", old, old)
    assert_concluded(INCOMPLETE, "missing 101–200", new, old)
    assert_concluded(CANNOT_TELL, "add --data", old, new)
    assert_concluded(CANNOT_TELL, "a later key", old, kept(tmp_path, log.notes[300], "later.txt"))
    other = kept(tmp_path, key.note(100, mth(log.leaves[:99]), 1, TIME), "other.txt")
    assert_concluded(TAMPERED, "two histories", old, other)  # H11
    bad = log.notes[100]
    assert_concluded(
        TAMPERED, "no good signature", old, kept(tmp_path, bad.replace("genkan-key 1", "genkan-key 2"), "bad")
    )
    data = log.write(tmp_path / "data")
    verified(data, code=OK, key=key.vkey, checkpoints=[old, new])


def test_export_is_held_against_what_was_kept(log: Log, tmp_path: Path) -> None:
    file = log.export(tmp_path / "log.jsonl")

    def assert_concluded(code: int, sentence: str, note: str) -> None:
        found = answer(export=file, key=log.first_key.vkey, checkpoints=[kept(tmp_path, note)])
        assert (found.code, sentence in found.sentence) == (code, True), found

    assert_concluded(OK, "300 records", log.notes[100])
    assert_concluded(OK, "300 records", log.notes[300])
    assert_concluded(
        TAMPERED, "1–100 are not those", log.first_key.note(100, mth(log.leaves[1:101]), 1, TIME)
    )
    assert_concluded(INCOMPLETE, "missing 301–340", log.key.note(340, mth(log.leaves[:340]), 2, TIME))
    assert_concluded(
        CANNOT_TELL, "another device", Signer("genkan/" + "2" * 32).note(100, b"x" * 32, 1, TIME)
    )
    log.export(file, [120])
    assert_concluded(CANNOT_TELL, "does not show enough", log.notes[100])


def test_table_is_held_against_kept_checkpoints_where_its_proof_reaches_them(
    log: Log, tmp_path: Path
) -> None:
    """A CSV proves the checkpoints of key changes, here of 200 records, and the newest."""
    file = log.export_csv(tmp_path / "log.csv")
    newest = max(log.notes)

    def assert_concluded(code: int, sentence: str, note: str) -> None:
        found = answer(export=file, key=log.first_key.vkey, checkpoints=[kept(tmp_path, note)])
        assert (found.code, sentence in found.sentence) == (code, True), found
        if code == OK:
            size = note.split("\n")[1]
            assert found.lines[-1] == f"It extends the kept checkpoint of {size} records."

    assert_concluded(OK, "3 rows", log.notes[200])
    assert_concluded(OK, "3 rows", log.notes[newest])
    assert_concluded(
        TAMPERED, "1–200 are not those", log.first_key.note(200, mth(log.leaves[1:201]), 1, TIME)
    )
    assert_concluded(
        TAMPERED, "no good signature", Signer(log.key.origin).note(200, mth(log.leaves[:200]), 1, TIME)
    )
    assert_concluded(CANNOT_TELL, "does not show enough", log.notes[100])
    assert_concluded(CANNOT_TELL, "newer than this export", log.key.note(newest + 9, b"x" * 32, 2, TIME))
    assert_concluded(CANNOT_TELL, "a later key", Signer(log.key.origin).note(newest + 9, b"x" * 32, 3, TIME))
    assert_concluded(
        CANNOT_TELL, "another device", Signer("genkan/" + "2" * 32).note(100, b"x" * 32, 1, TIME)
    )


def test_all_checkpoints_of_a_kept_file_count(log: Log, tmp_path: Path) -> None:
    data = log.write(tmp_path / "data")
    both = log.notes[100] + "\n" + log.notes[300]
    for file in (both, "\ufeff" + both, "\n".join(f"    {line}" for line in both.split("\n"))):
        found = verified(data, code=OK, checkpoints=[kept(tmp_path, file)])
        extends = [line for line in found.lines if "extends" in line]
        assert extends == [f"It extends the kept checkpoint of {size} records." for size in (100, 300)]
    bad = log.notes[100] + "\n" + log.first_key.note(150, b"x" * 32, 1, TIME)
    verified(data, code=TAMPERED, sentence="1–150 are not those", checkpoints=[kept(tmp_path, bad)])


def test_export_after_a_restore_and_a_checkpoint_from_before(log: Log, tmp_path: Path) -> None:
    before = log.notes[300]
    log.restored()
    log.fill(60)
    file = log.export(tmp_path / "log.jsonl")
    found = answer(export=file, key=log.key.vkey, checkpoints=[kept(tmp_path, before)])
    assert (found.code, "before it was restored at record" in found.sentence) == (CANNOT_TELL, True), found
