"""G22: the import tells every line, changes nothing until it is published, and then everything."""

import pytest

from controller.model.operators import MACHINE
from controller.services import people
from tests.sample_house import idm
from tests.web.client import Client
from tests.web.site import Site


def count(site: Site) -> int:
    return len(people.search(site.house, MACHINE, site.moment, limit=500).people)


def table(*lines: str) -> bytes:
    return "\r\n".join(("name,idm", *lines)).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_file_is_checked_first_and_then_imported(site: Site, admin: Client, encoding: str) -> None:
    content = f"氏名,IDm\r\n髙橋 花子,{idm(1)}\r\n山田 太郎,{idm(2)}\r\n".encode(encoding)
    page = admin.upload("/import", content)
    assert page.status == 200
    assert "2 badges can be imported" in page.words
    assert count(site) == 0
    action = page.ids(r'action="(/import/[^"]+/publish)"')[0]
    assert admin.post(action).to == "/people?done=imported"
    assert count(site) == 2
    assert "髙橋 花子" in admin.get("/people").words


def test_every_wrong_line_is_told_by_its_number_and_nothing_is_imported(site: Site, admin: Client) -> None:
    page = admin.upload("/import", table(f"Good,{idm(1)}", "Bad,xyz", f",{idm(2)}", f"Twice,{idm(1)}"))
    assert page.status == 422
    assert "3 lines need correcting" in page.words
    for line in ("3", "4", "5"):
        assert f'data-label="Line">{line}</td>' in page.text
    assert "/publish" not in page.text
    assert count(site) == 0


def test_thousand_wrong_lines_are_counted_and_the_first_hundred_shown(admin: Client) -> None:
    page = admin.upload("/import", table(*(f"Bad {n},xyz" for n in range(1000))))
    assert "1,000 lines need correcting" in page.words
    assert page.text.count('data-label="Line"') == 100
    assert "And 900 more lines." in page.words


def test_discarded_import_is_gone(site: Site, admin: Client) -> None:
    page = admin.upload("/import", table(f"Hanako,{idm(1)}"))
    import_id = page.ids(r"/import/([^/]+)/publish")[0]
    assert admin.post(f"/import/{import_id}/discard").to == "/import?done=discarded"
    assert admin.post(f"/import/{import_id}/publish").status in (404, 409)
    assert count(site) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04" + b"\x00" * 100,
        b"\xff\xfe\x00\x00",
        b"name\n",
        b",".join([b"a"] * 1000),
        b"\x00" * 50,
    ],
    ids=["empty", "zip", "binary", "no idm", "1000 columns", "zeros"],
)
def test_what_is_no_table_is_refused_in_one_sentence(site: Site, admin: Client, content: bytes) -> None:
    page = admin.upload("/import", content, name="../../etc/passwd.csv")
    assert page.status in (409, 422)
    assert "passwd" not in page.text
    assert count(site) == 0
