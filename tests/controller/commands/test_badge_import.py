"""`genkan badge import`: every bad line named, all or nothing."""

from pathlib import Path

import pytest

from tests.controller.commands.command import Answer, done, genkan, listed, refused, sentence, unchanged

TAKEN = "0101031284C0FFEE"


def import_(data: Path, file: Path | str, *more: str) -> Answer:
    return genkan("badge", "import", "--data", data, file, *more)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "badges.csv"


def ten_thousand(bad: dict[int, str]) -> str:
    """`bad` by line of the file, the header being line 1."""
    rows = {n: f"人 {n},0102{n:012X},Everywhere,2026-04-01,2027-03-31" for n in range(2, 10_002)}
    return "name,idm,level,valid_from,valid_until\n" + "\n".join((rows | bad).values()) + "\n"


def test_ten_thousand_badges_with_bad_lines_name_each_and_import_none(data: Path, csv: Path):
    bad = {
        3: ",0102000000AA0003,,,",
        500: "A,nonsense,,,",
        501: "A,01020000000001F4,Nowhere,,",
        700: "A,0102000000AA0700,,2027-01-01,2026-01-01",
        701: f"A,{TAKEN},,,",
        9_999: "A,0102000000000002,,,",
    }
    csv.write_text(ten_thousand(bad), "utf-8")
    with unchanged(data):
        answer = import_(data, csv)
    assert answer.status == 1
    lines = answer.err.splitlines()
    problems = [line for line in lines[:-1] if ": note: " not in line]
    assert [line.removeprefix(f"{csv}:").split(":")[0] for line in problems] == [str(n) for n in bad]
    assert "Hanako Sato" in problems[4]
    assert "line 2" in problems[5]
    assert "6 of 10000 rows" in sentence(lines[-1] + "\n")
    assert "nothing was imported" in lines[-1]


def test_ten_thousand_good_badges_are_all_there_afterwards(data: Path, csv: Path):
    csv.write_text(ten_thousand({}), "utf-8")
    with unchanged(data):
        assert "10000 badges can be imported" in done(import_(data, csv, "--dry-run")).text
    assert done(import_(data, csv)).text == "10000 badges imported.\n"
    badges = listed(data)
    assert badges["2710"] | {"person": ""} == {
        "person": "",
        "badge": "2710",
        "kind": "felica",
        "status": "active",
        "first_day": "2026-04-01",
        "last_day": "2027-03-31",
    }
    with unchanged(data):
        again = import_(data, csv)
    assert again.status == 1
    assert "10000 of 10000 rows" in again.err.splitlines()[-1]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_spreadsheets_encodings_are_distinguished(data: Path, csv: Path, encoding: str):
    csv.write_bytes("氏名,カード番号\r\n髙橋 愛,0102000000000009\r\n".encode(encoding))
    done(import_(data, csv))
    assert listed(data)["0009"]["person"] == "髙橋 愛"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "name"),
        (b"name,idm\n", "no rows"),
        (b"name\nA\n", "idm"),
        (b"name,idm,colour\nA,0102000000000001,red\n", "colour"),
        (b"name,idm,name\nA,0102000000000001,B\n", "twice"),
        (b"PK\x03\x04rest of a workbook", "CSV"),
        (b"name,idm\n\x81,0102000000000001\n\xff\xff\n", "UTF-8"),
        (b"name,idm\x00\n", "CSV"),
    ],
)
def test_file_that_is_not_a_table_of_badges_is_refused_as_a_whole(
    data: Path, csv: Path, content: bytes, why: str
):
    csv.write_bytes(content)
    with unchanged(data):
        refusal = refused(import_(data, csv))
    assert why in refusal
    assert str(csv) in refusal


def test_file_too_large_is_refused_before_it_is_read(data: Path, csv: Path):
    with csv.open("wb") as file:
        file.truncate(20_000_001)
    assert "20 MB" in refused(import_(data, csv))


def test_file_with_too_many_rows_is_refused(data: Path, csv: Path):
    csv.write_text("name,idm\n" + "A,0102000000000001\n" * 100_001)
    with unchanged(data):
        assert "100000 rows" in refused(import_(data, csv))


@pytest.mark.parametrize(("file", "status"), [("none.csv", 1), (".", 2), ("", 2), ("/proc/self/mem", 1)])
def test_file_that_cannot_be_read_is_one_sentence(
    data: Path, tmp_path: Path, file: str, status: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with unchanged(data):
        refused(import_(data, file), status)
