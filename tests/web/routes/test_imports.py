"""The import tells every line, changes nothing until it is published, and then everything."""

import html
import re

import pytest

from controller.model.operators import MACHINE
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.people.import_titles import fields_of
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.ruled_site import BOOK
from tests.web.site import ServedSite
from web.words.words import Words


def count(served: ServedSite) -> int:
    return len(people.search(Acting(served.site, MACHINE, served.moment), limit=500).people)


def table(*lines: str) -> bytes:
    return "\r\n".join(("name,idm", *lines)).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_file_is_checked_first_and_then_imported(served: ServedSite, admin: Client, encoding: str) -> None:
    content = f"氏名,IDm\r\n髙橋 花子,{idm(1)}\r\n山田 太郎,{idm(2)}\r\n".encode(encoding)
    page = admin.upload("/import", content)
    assert page.status == 200
    assert "2 badges can be imported" in page.words
    assert count(served) == 0
    action = page.ids(r'action="(/import/[^"]+/publish)"')[0]
    assert admin.post(action).to == "/people?done=imported"
    assert count(served) == 2
    assert "髙橋 花子" in admin.get("/people").words


def test_every_wrong_line_is_reported_by_its_number_and_nothing_is_imported(
    served: ServedSite, admin: Client
) -> None:
    page = admin.upload("/import", table(f"Good,{idm(1)}", "Bad,xyz", f",{idm(2)}", f"Twice,{idm(1)}"))
    assert page.status == 422
    assert "3 lines need correcting" in page.words
    for line in ("3", "4", "5"):
        assert f'data-label="Line">{line}</td>' in page.text
    assert "/publish" not in page.text
    assert count(served) == 0


def test_thousand_equal_errors_are_one_sentence(admin: Client) -> None:
    page = admin.upload("/import", table(*(f"Bad {n},xyz" for n in range(1000))))
    assert "1,000 lines need correcting" in page.words
    assert page.text.count('data-label="Line"') == 1
    assert 'data-label="Line">2–1001</td>' in page.text and "(1,000 lines)" in page.words


def test_thousand_different_errors_are_counted_and_the_first_hundred_shown(admin: Client) -> None:
    lines = "\n".join(("name,idm,level", *(f"A,{idm(n)},L{n}" for n in range(1000))))
    page = admin.upload("/import", lines.encode())
    assert page.text.count('data-label="Line"') == 100
    assert "And 900 more lines." in page.words


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_example_of_the_page_is_accepted_as_it_is_shown(
    served: ServedSite, admin: Client, ruled: int, language: str, encoding: str
) -> None:
    levels.add(
        Acting(served.site, MACHINE, served.moment),
        "Staff, day" if language == "en" else "社員",
        [("entrance-in", "always")],
    )
    before = count(served)
    admin.post("/language", {"language": language})
    example = re.findall(r'(?s)<pre id="example"><code>(.*?)</code>', admin.get("/import").text)[0]
    page = admin.upload("/import", html.unescape(example).encode(encoding))
    assert page.status == 200, page.words
    assert "first-rows" in page.text
    first = re.findall(r'(?s)<table[^>]*id="first-rows".*?</table>', page.text)[0]
    name, level = ("田中 花子", "社員") if language == "ja" else ("Hanako Tanaka", "Staff, day")
    for word in (name, level, "2099-03-31"):
        assert word in first, word
    labels = [one.label_ja if language == "ja" else one.label_en for one in BOOK.categories.values()]
    assert any(f">{label}</td>" in first for label in labels)
    admin.post(page.ids(r'action="(/import/[^"]+/publish)"')[0])
    assert count(served) == before + 2


def test_example_of_a_site_without_levels_and_categories_is_accepted(
    served: ServedSite, admin: Client
) -> None:
    example = re.findall(r'(?s)<pre id="example"><code>(.*?)</code>', admin.get("/import").text)[0]
    assert admin.upload("/import", html.unescape(example).encode()).status == 200


@pytest.mark.parametrize("language", ["ja", "en"])
def test_words_of_the_pages_are_titles(language: str) -> None:
    words = {
        "name": ("Name",),
        "kana": ("Reading",),
        "idm": ("Card number", "Badge", "Badges"),
        "level": ("Access level", "Access levels", "Levels"),
        "category": ("Category",),
        "valid_from": ("Valid from", "First day"),
        "valid_until": ("Valid until", "Last day"),
    }
    for field, keys in words.items():
        for key in keys:
            titles = {"name": "name", "idm": "idm"} | {field: Words(language).translate(key)}
            assert field in fields_of(list(titles.values())), key


def test_discarded_import_is_gone(served: ServedSite, admin: Client) -> None:
    page = admin.upload("/import", table(f"Hanako,{idm(1)}"))
    import_id = page.ids(r"/import/([^/]+)/publish")[0]
    assert admin.post(f"/import/{import_id}/discard").to == "/import?done=discarded"
    assert admin.post(f"/import/{import_id}/publish").status in (404, 409)
    assert count(served) == 0


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
def test_what_is_not_a_table_is_refused_in_one_sentence(
    served: ServedSite, admin: Client, content: bytes
) -> None:
    page = admin.upload("/import", content, name="../../etc/passwd.csv")
    assert page.status in (409, 422)
    assert "passwd" not in page.text
    assert count(served) == 0
