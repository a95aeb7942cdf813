import csv
import io
import random
import unicodedata
from dataclasses import replace

import pytest

from controller.errors import BadInput, Conflict, NotPermitted
from controller.model.import_codes import field_names
from controller.model.rule_book import Category, RuleBook
from controller.registry.imports import one_import
from controller.registry.lookup import Lookup
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, imports, people
from controller.services.people.enrolment import typed_card
from controller.services.rules import books as rule_books
from controller.services.site import Site
from controller.services.typed_texts import name_text
from tests.sample_site import ADMIN, NOW, SUPERVISOR, idm, later, opened_site


def table(*rows: tuple[str, ...], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def everybody(site: Site) -> list[people.Person]:
    found, after = [], None
    while True:
        page = people.search(Acting(site, ADMIN, NOW), after=after, limit=500)
        found += page.people
        after = page.next
        if after is None:
            return found


def is_found_at_the_door(site: Site, number: str) -> bool:
    lookup = Lookup(site.registry.file)
    try:
        return lookup.find(typed_card(site, number).card_hash, "entrance-in") is not None
    finally:
        lookup.close()


HEADER = ("name", "idm")


def test_dry_run_shows_nothing_and_publishing_shows_everything(site: Site):
    levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", "always")])
    content = table(
        ("name", "kana", "idm", "level", "valid_from", "valid_until"),
        ("山田 花子", "ヤマダ", idm(1), "Floor", "2026-11-01", "2027/3/31"),
        ("佐藤 太郎", "", idm(2), "", "", ""),
    )
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert report.rows == 2 and report.problem_count == 0 and report.import_id is not None
    assert everybody(site) == [] and badges.search(Acting(site, ADMIN, NOW)).badges == ()
    assert not is_found_at_the_door(site, idm(1))

    assert imports.publish(Acting(site, ADMIN, NOW), report.import_id) == 2
    hanako = next(p for p in everybody(site) if p.kana == "ヤマダ")
    assert [level.name for level in hanako.levels] == ["Floor"]
    assert str(hanako.badges[0].first_day) == "2026-11-01" and str(hanako.badges[0].last_day) == "2027-03-31"
    assert is_found_at_the_door(site, idm(1)) and is_found_at_the_door(site, idm(2))
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.action == "badges_imported" and change.after is not None and change.after["rows"] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_japanese_header_is_read_in_every_encoding(site: Site, encoding: str):
    report = imports.check(
        Acting(site, ADMIN, NOW), table(("氏名", "カード番号"), ("髙橋 一郎", idm(1)), encoding=encoding)
    )
    imports.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    assert [p.name for p in everybody(site)] == ["髙橋 一郎"]


def test_every_problem_is_reported_with_its_line_and_nothing_is_imported(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "Held")
    badges.add(Acting(site, ADMIN, NOW), person.id, idm(7))
    content = table(
        ("name", "idm", "level", "valid_from", "valid_until"),
        ("Good", idm(1), "", "", ""),
        ("", idm(2), "", "", ""),
        ("x" * 101, idm(3), "", "", ""),
        ("Bad number", "12", "", "", ""),
        ("Phone", "08123456", "", "", ""),
        ("Held twice", idm(7), "", "", ""),
        ("Line twice", idm(1), "", "", ""),
        ("No level", idm(4), "Nowhere", "", ""),
        ("Reversed", idm(5), "", "2026-12-01", "2026-11-30"),
        ("No day", idm(6), "", "soon", ""),
        ("Two\nlines", idm(8), "", "", ""),
        ("Too wide", idm(9), "", "", "", "more"),
    )
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert [problem.line for problem in report.problems] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]
    assert report.problem_count == 11 and report.import_id is None
    assert [problem.code for problem in report.problems] == [
        "name_empty",
        "text_too_long",
        "not_a_card_number",
        "random_number",
        "enrolled",
        "number_twice",
        "no_level",
        "last_before_first",
        "not_a_day",
        "bad_character",
        "too_many_cells",
    ]
    assert all(set(problem.fields) == field_names(problem.code) for problem in report.problems)
    assert [p.name for p in everybody(site)] == ["Held"]


def test_first_hundred_findings_are_kept_and_all_lines_are_counted(site: Site):
    content = table(("name", "idm", "level"), *[("A", idm(i), f"Level {i}") for i in range(250)])
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert report.problem_count == 250 and len(report.problems) == 100


def test_equal_errors_are_one_finding_with_their_count_and_lines(site: Site):
    rows = [("A", idm(i), "Staff") for i in range(5)] + [("", idm(9), ""), ("A", idm(7), "Staff")]
    report = imports.check(Acting(site, ADMIN, NOW), table(("name", "idm", "level"), *rows))
    assert report.problem_count == 7
    assert [(one.count, one.lines) for one in report.problems] == [(6, "2–6, 8"), (1, "7")]
    assert report.problems[0].code == "no_level" and report.problems[0].fields == {"level": "Staff"}
    odd = [("A" if i % 2 else "", idm(i), "") for i in range(100)]
    (only,) = imports.check(Acting(site, ADMIN, NOW), table(("name", "idm", "level"), *odd)).problems
    assert only.count == 50 and only.lines.endswith("…") and only.lines.count(",") == 20


def test_namesakes_are_warned_of_and_become_two_people(site: Site):
    people.add(Acting(site, ADMIN, NOW), "佐藤")
    report = imports.check(
        Acting(site, ADMIN, NOW), table(HEADER, ("佐藤", idm(1)), ("鈴木", idm(2)), ("鈴木", idm(3)))
    )
    assert [warning.line for warning in report.warnings] == [2, 4]
    imports.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    assert sorted(p.name for p in everybody(site)) == ["佐藤", "佐藤", "鈴木", "鈴木"]


def test_names_that_differ_in_spaces_and_width_are_warned_of_as_one_name(site: Site):
    people.add(Acting(site, ADMIN, NOW), "鈴木 愛")
    wide = (("佐藤 花子", idm(1)), ("鈴木　愛", idm(2)), ("佐藤　花子", idm(3)), ("佐藤 花", idm(4)))
    found = [
        (one.line, one.code, one.fields)
        for one in imports.check(Acting(site, ADMIN, NOW), table(HEADER, *wide)).warnings
    ]
    assert found == [
        (3, "name_exists", {"name": "鈴木　愛"}),
        (4, "name_twice", {"name": "佐藤　花子", "first": 2}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,idm\r\n",
        b"PK\x03\x04" + b"\x00" * 100,
        b"name,idm\r\n\x00",
        b"name,idm\r\n\x81 ,1\r\n",
        b"name\r\nx\r\n",
        b"idm\r\n0101000000000001\r\n",
        b"name,idm,shoe\r\n",
        b"name,idm,name\r\n",
        b'"name,idm\r\n',
        ",".join(f"c{i}" for i in range(1000)).encode(),
        b"name,idm\r\n" + b"x" * 20_000_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_file_that_is_not_a_table_of_badges_is_refused_with_one_sentence(site: Site, content: bytes):
    with pytest.raises(BadInput) as error:
        imports.check(Acting(site, ADMIN, NOW), content)
    assert error.value.field == "file" and str(error.value).endswith(".")


def test_file_with_a_quote_that_does_not_end_is_a_problem_of_its_line(site: Site):
    report = imports.check(
        Acting(site, ADMIN, NOW), b'name,idm\r\nA,0101000000000001\r\n"B,0101000000000002\r\n'
    )
    assert [(problem.line, problem.code) for problem in report.problems] == [(3, "broken_quote")]


def test_more_than_a_hundred_thousand_rows_are_refused(site: Site):
    content = b"name,idm\n" + b"A,1\n" * 100_001
    with pytest.raises(BadInput, match="100000 rows"):
        imports.check(Acting(site, ADMIN, NOW), content)


def test_ten_thousand_random_names_are_stored_in_nfc_and_the_door_starts(site: Site):
    chosen = random.Random(15)
    names: list[str] = []
    while len(names) < 10_000:
        limit = chosen.choice((0x80, 0x800, 0x3100, 0x10000, 0x20000, 0x110000))
        name = "".join(chr(chosen.randrange(limit)) for _ in range(chosen.randrange(1, 30)))
        try:
            name_text("name", name)
        except BadInput as error:
            str(error).encode()  # a refusal can always be shown
        else:
            names.append(name)
    content = table(HEADER, *[(name, idm(i)) for i, name in enumerate(names)])
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert report.problems == () and report.rows == 10_000
    imports.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    stored = [person.name for person in everybody(site)]
    assert sorted(stored) == sorted(unicodedata.normalize("NFC", name).strip() for name in names)
    assert is_found_at_the_door(site, idm(9_999))


def test_new_check_replaces_the_one_nobody_published(site: Site):
    first = imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("A", idm(1))))
    second = imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("B", idm(1))))
    with pytest.raises(Conflict):
        imports.publish(Acting(site, ADMIN, NOW), first.import_id or "")
    imports.publish(Acting(site, ADMIN, NOW), second.import_id or "")
    assert [p.name for p in everybody(site)] == ["B"]
    with pytest.raises(Conflict):
        imports.publish(Acting(site, ADMIN, NOW), second.import_id or "")


def test_discarded_import_frees_its_card_numbers(site: Site):
    report = imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("A", idm(1))))
    person = people.add(Acting(site, ADMIN, NOW), "B")
    with pytest.raises(Conflict, match="is not published yet"):
        badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    imports.discard(Acting(site, ADMIN, NOW), report.import_id or "")
    assert badges.add(Acting(site, ADMIN, NOW), person.id, idm(1)).person_id == person.id


def test_only_who_checked_may_publish_or_discard(site: Site):
    report = imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("A", idm(1))))
    other = replace(ADMIN, id="e" * 16)
    for call in (imports.publish, imports.discard):
        with pytest.raises(Conflict):
            call(Acting(site, other, NOW), report.import_id or "")
        with pytest.raises(NotPermitted):
            call(Acting(site, SUPERVISOR, NOW), report.import_id or "")
    assert imports.publish(Acting(site, ADMIN, NOW), report.import_id or "") == 1


def test_two_imports_together_are_refused(site: Site):
    with one_import(site.registry) as free:
        assert free
        with pytest.raises(Conflict):
            imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("A", idm(1))))


def test_old_checked_import_is_cleared_at_the_next_start(site: Site):
    imports.check(Acting(site, ADMIN, NOW), table(HEADER, ("A", idm(1))))
    with opened_site(site.config.data):
        assert staged_rows(site) == 1, "a fresh one is kept: the page may still publish it"
    with Site.open(site.config, lambda: later(hours=2)):
        assert staged_rows(site) == 0


def staged_rows(site: Site) -> int:
    with site.registry.read() as db:
        return db.execute("SELECT count(*) FROM cardholders WHERE import_id IS NOT NULL").fetchone()[0]


def test_category_is_adopted_and_an_unknown_one_is_a_problem(site: Site) -> None:
    book = RuleBook(categories={"sv": Category("sv", "SV", "SV")})
    rule_books.publish(Acting(site, ADMIN, NOW), book, "")
    content = table(("name", "idm", "区分"), ("A", idm(1), "sv"), ("B", idm(2), "chief"))
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert [problem.line for problem in report.problems] == [3]
    assert report.problems[0].code == "no_category"
    assert report.problems[0].fields == {"name": "chief", "known": "sv (SV)"}
    content = table(("name", "idm", "category"), ("A", idm(1), "sv"), ("B", idm(2), ""))
    report = imports.check(Acting(site, ADMIN, NOW), content)
    assert report.import_id is not None
    imports.publish(Acting(site, ADMIN, NOW), report.import_id)
    found = people.search(Acting(site, ADMIN, NOW)).people
    assert {one.name: one.standing.category for one in found} == {"A": "sv", "B": None}
