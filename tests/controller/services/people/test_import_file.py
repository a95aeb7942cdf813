import pytest

from controller.errors import BadInput
from controller.services.people.import_file import BadRow, ImportFile, Row


def rows(content: bytes) -> list[Row | BadRow]:
    return list(ImportFile(content).rows())


def test_rows_know_the_line_they_start_on():
    read = rows(b'name,idm\r\nA,1\r\n\r\n"B\r\nb",2\r\nC,3\r\n')
    assert [(row.line, row.values["name"]) for row in read if isinstance(row, Row)] == [
        (2, "A"),
        (4, "B\r\nb"),
        (6, "C"),
    ]


def test_absent_cells_are_absent_and_extra_ones_are_reported():
    first, second = rows(b"name,idm,level\nA,1\nB,2,L,x\n")
    assert isinstance(first, Row) and "level" not in first.values
    assert isinstance(second, BadRow) and second.line == 3


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_every_line_ending_is_read(newline: bytes):
    assert len(rows(newline.join((b"name,idm", b"A,1", b"B,2")))) == 2


def test_titles_are_known_in_any_width_and_case():
    (row,) = rows("ＮＡＭＥ, ＩＤｍ ,ﾌﾘｶﾞﾅ,有効期限\nA,1,ア,2026-11-24\n".encode())
    assert isinstance(row, Row)
    assert row.values == {"name": "A", "idm": "1", "kana": "ア", "valid_until": "2026-11-24"}


@pytest.mark.parametrize("between", ["\t", ";"])
def test_tabs_and_semicolons_separate_cells_too(between: str):
    (row,) = rows(f"氏名{between}IDm\n花子, A{between}1\n".encode())
    assert isinstance(row, Row) and row.values == {"name": "花子, A", "idm": "1"}


def test_cp932_is_accepted_where_utf8_does_not_fit():
    (row,) = rows("name,idm\n①髙﨑,1\n".encode("cp932"))
    assert isinstance(row, Row) and row.values["name"] == "①髙﨑"


def test_cell_longer_than_any_name_ends_the_reading_with_its_line():
    read = rows(b"name,idm\nA,1\n" + b"x" * 200_000 + b",2\nB,3\n")
    assert isinstance(read[-1], BadRow) and read[-1].line == 3


@pytest.mark.parametrize("content", [b"PK\x03\x04zip", b"\x1f\x8bgz", b"%PDF-1", b"name,idm\nA,\x001\n"])
def test_other_kinds_of_file_are_refused(content: bytes):
    with pytest.raises(BadInput):
        ImportFile(content)
