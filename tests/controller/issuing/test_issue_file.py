import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing.issue_file import (
    LARGEST,
    LONGEST_LINE,
    BadLine,
    IssuedKey,
    append,
    check_appendable,
    lines_of,
    parse,
)
from controller.issuing.signing import StationKey
from controller.model.credentials import CardNumber

STATION = StationKey(secrets.token_bytes(32))
ISSUED = IssuedKey(
    CardNumber.parse("0101031284C0FFEE"), 7, "00f1", 2024, "0123456789abcdef", secrets.token_bytes(64)
).signed(STATION)
EARLY = ISSUED.line.replace(b"genkan-card-key/2", b"genkan-card-key/1")


def again(**changes: object) -> IssuedKey:
    return replace(ISSUED, **changes).signed(STATION)


def test_line_is_read_back_as_it_was_written():
    for issued in (ISSUED, again(bought=None), again(version=0xFFFE)):
        assert parse(issued.line) == issued and len(issued.line) < LONGEST_LINE


def test_line_cut_short_anywhere_is_reported():
    for size in range(len(ISSUED.line)):
        with pytest.raises(BadLine, match="line_damaged"):
            parse(ISSUED.line[:size])


def test_every_changed_byte_is_reported():
    for at in range(len(ISSUED.line)):
        changed = bytearray(ISSUED.line)
        changed[at] = changed[at] + 1 if changed[at] < 0x7E else 0x30
        with pytest.raises(BadLine):
            parse(bytes(changed))


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"1", b"name,idm", b"\xff\xfe", b"{" * 900, b'{"format":"genkan-card-key/9"}', b"x" * 5000],
)
def test_other_line_is_reported(line: bytes):
    with pytest.raises(BadLine):
        parse(line)


def test_sentence_of_a_bad_line_holds_nothing_of_it():
    values = json.loads(ISSUED.line)
    values["card"] = "felica:0101031284C0FFE0"
    with pytest.raises(BadLine) as message:
        parse(json.dumps(values).encode())
    assert "FFE0" not in str(message.value) and values["wrapped"] not in str(message.value)


def test_lines_are_appended(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    assert not append(file, ISSUED)
    assert not append(file, again(version=8))
    assert [parse(line).version for line in file.read_bytes().splitlines()] == [7, 8]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", range(0, 300, 23))
def test_line_that_a_killed_station_cut_short_is_removed(tmp_path: Path, left: int):
    file = tmp_path / "out.jsonl"
    append(file, ISSUED)
    with file.open("ab") as opened:
        opened.write(ISSUED.line[:left])
    assert append(file, again(version=8)) == (left > 0)
    assert [parse(line).version for line in file.read_bytes().splitlines()] == [7, 8]


@pytest.mark.parametrize("end", [b"", b"\r", b" " * LONGEST_LINE])
def test_last_line_that_only_lacks_its_end_is_kept(tmp_path: Path, end: bytes):
    """An editor removes the last newline, a killed check leaves spaces: the key in the line counts."""
    file = tmp_path / "out.jsonl"
    for before in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(before + ISSUED.line + end)
        assert not append(file, again(version=8))
        assert [parse(line).version for _, line in lines_of(file.read_bytes())] == [7, 8]


def test_blanks_that_a_killed_poll_left_are_not_line_cut_short(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    file.write_bytes(ISSUED.line + b"\n" + b" " * LONGEST_LINE)
    assert not append(file, again(version=8))
    assert file.read_bytes() == ISSUED.line + b"\n" + again(version=8).line + b"\n"


@contextlib.contextmanager
def another_station_that_polls(file: Path) -> Iterator[None]:
    """Again and again meanwhile."""
    ended, polled = threading.Event(), threading.Event()

    def poll() -> None:
        while not ended.is_set():
            check_appendable(file)
            polled.set()

    other = threading.Thread(target=poll)
    other.start()
    try:
        assert polled.wait(60)
        yield
    finally:
        ended.set()
        other.join()


def test_line_is_not_lost_while_another_station_checks_the_file(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    versions = range(1, 201)
    with another_station_that_polls(file):
        for version in versions:
            append(file, again(version=version))
    assert [parse(line).version for _, line in lines_of(file.read_bytes())] == list(versions)


def test_first_line_is_not_lost_with_the_file_that_another_station_tried(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    with another_station_that_polls(file):
        for _ in range(100):
            append(file, ISSUED)
            assert file.read_bytes().rstrip() == ISSUED.line  # followed by the spaces of a killed check
            file.unlink()


def test_place_that_cannot_be_written_is_reported_with_what_to_do(tmp_path: Path):
    with pytest.raises(InstallerError, match="issue it again"):
        append(tmp_path / "none" / "out.jsonl", ISSUED)


def test_line_that_a_spreadsheet_has_quoted_is_reported_as_that():
    quoted = '"' + ISSUED.line.decode().replace('"', '""') + '"'
    with pytest.raises(BadLine, match="line_quoted"):
        parse(quoted.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_file_that_notepad_saved_has_the_lines_it_had(encoding: str):
    saved = f"{ISSUED.line.decode()}\r\n\r\n{ISSUED.line.decode()}\r\n".encode(encoding)
    assert [(number, parse(line)) for number, line in lines_of(saved)] == [(1, ISSUED), (3, ISSUED)]


def test_checking_the_output_file_leaves_it_as_it_was(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    check_appendable(file)
    assert not file.exists()
    killed = ISSUED.line + b"\n" + ISSUED.line[:50]  # a killed station's; `append` takes that out
    for content in (b"", killed, b"\xef\xbb\xbf" + killed):
        file.write_bytes(content)
        check_appendable(file)
        assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,idm\nHanako,0101\n", "no issuing station wrote"),
        (b"minutes of the meeting", "no issuing station wrote"),
        (b'{"other": 1}\n', "no issuing station wrote"),
        (ISSUED.line + b"\n" + EARLY + b"\n", "lines from an earlier Genkan; give another --out"),
        (EARLY + b"\nname,idm\n", "no issuing station wrote"),
        ((ISSUED.line.decode() + "\n").encode("utf-16"), "saved as UTF-16"),
        (b"{" * (LARGEST + 1), "not a file of an issuing station"),
    ],
)
def test_output_file_that_is_somebody_elses_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, message: str
):
    file = tmp_path / "out.jsonl"
    file.write_bytes(content)
    with pytest.raises(InstallerError, match=message):
        check_appendable(file)
    assert file.read_bytes() == content


def test_folder_or_device_as_output_file_is_refused(tmp_path: Path):
    for file in (tmp_path, Path("/dev/full"), tmp_path / "nowhere" / "out.jsonl"):
        with pytest.raises(InstallerError, match="another --out"):
            check_appendable(file)


@pytest.mark.parametrize(
    "change",
    [
        {"wrapped": bytes(64)},
        {"version": 8},
        {"number": CardNumber.parse("0101031284C0BEEF")},
        {"bought": None},
        {"chip": "00f0"},
        {"door": "0" * 16},
        {"station": StationKey(secrets.token_bytes(32)).public},
        {"signature": bytes(64)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_line_that_somebody_else_created_fit_is_reported(change: dict[str, object]):
    """Anyone with the file can compute a new checksum, but no signature."""
    with pytest.raises(BadLine, match="line_changed"):
        parse(replace(ISSUED, **change).line)


def test_line_from_before_lines_were_signed_is_reported_as_that():
    with pytest.raises(BadLine, match="line_unsigned"):
        parse(EARLY)


def test_card_that_can_prove_nothing_gets_no_line():
    """A Type A number is a number; no file makes more of it."""
    with pytest.raises(BadLine, match="line_damaged"):
        parse(again(number=CardNumber.parse("04A1B2C3")).line)
