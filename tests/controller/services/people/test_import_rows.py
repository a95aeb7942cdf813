import pytest

from controller.model.import_codes import ImportCode
from controller.model.rule_book import Category, RuleBook
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.people import imports
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.people.test_imports import everybody, table
from tests.sample_site import ADMIN, NOW, idm


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("sv", "sv"),
        ("ＳＶ", "sv"),
        ("Supervisor", "sv"),
        ("社員", "regular"),
        ("派遣", "agency"),
        ("派遣社員", "agency"),
        ("agency staff", "agency"),
        ("", None),
    ],
)
def test_category_is_its_short_name_or_a_label_of_either_language(site: Site, cell: str, meant: str | None):
    words = (
        Category("sv", "Supervisor", "SV"),
        Category("regular", "Regular staff", "社員"),
        Category("agency", "Agency staff", "派遣社員"),
    )
    rule_books.publish(Acting(site, ADMIN, NOW), RuleBook(categories={one.name: one for one in words}), "")
    report = imports.check(
        Acting(site, ADMIN, NOW), table(("氏名", "カード番号", "区分"), ("花子", idm(1), cell))
    )
    assert [row.category and row.category.name for row in report.first_rows] == [meant], report.problems
    imports.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    assert everybody(site)[0].standing.category == meant


@pytest.mark.parametrize(
    "cell", ["Staff;夜勤", "夜勤、staff", "Ｓｔａｆｆ／夜 勤", "Staff, 夜勤", "Staff\n夜勤"]
)
def test_several_levels_in_a_cell_are_all_granted(site: Site, cell: str):
    for name in ("Staff", "夜勤", "Staff, night"):
        levels.add(Acting(site, ADMIN, NOW), name, [("entrance-in", "always")])
    report = imports.check(
        Acting(site, ADMIN, NOW), table(("name", "idm", "通行権限"), ("花子", idm(1), cell))
    )
    assert report.import_id is not None, report.problems
    assert set(report.first_rows[0].levels) == {"Staff", "夜勤"}
    imports.publish(Acting(site, ADMIN, NOW), report.import_id)
    assert {level.name for level in everybody(site)[0].levels} == {"Staff", "夜勤"}


def test_level_with_a_comma_in_its_name_is_one_level_and_an_unknown_one_is_named(site: Site):
    levels.add(Acting(site, ADMIN, NOW), "Staff, night", [("entrance-in", "always")])
    header = ("name", "idm", "level")
    report = imports.check(Acting(site, ADMIN, NOW), table(header, ("A", idm(1), "Staff, night")))
    assert report.first_rows[0].levels == ("Staff, night",)
    report = imports.check(Acting(site, ADMIN, NOW), table(header, ("A", idm(1), "Staff, night; Guests")))
    assert [one.fields["level"] for one in report.problems] == ["Staff", "night", "Guests"]
    assert report.problem_count == 1


def test_first_rows_are_shown_as_they_will_be(site: Site):
    rows = [(f" 花子 {i} ", "はなこ", idm(i), "2026/4/1", "2027年3月31日") for i in range(15)]
    report = imports.check(
        Acting(site, ADMIN, NOW), table(("名前", "よみ", "IDm", "有効開始日", "有効終了日"), *rows)
    )
    assert len(report.first_rows) == 10
    row, zone = report.first_rows[0], site.config.site.time_zone
    assert (row.line, row.name, row.kana, row.badge) == (2, "花子 0", "はなこ", idm(0)[-4:])
    assert (row.from_text(zone), row.until_text(zone)) == ("2026-04-01", "2027-03-31")


def test_every_error_of_a_row_is_named_and_the_row_counts_once(site: Site):
    header = ("name", "kana", "idm", "level", "category", "valid_from", "valid_until")
    good = ("A", "", idm(1), "", "", "", "")
    bad = ("", "x" * 101, "xyz", "Guests、Staff", "king", "soon", "late")
    twice = ("", "", idm(1), "", "", "2026-05-02", "2026-05-01")
    report = imports.check(Acting(site, ADMIN, NOW), table(header, good, bad, twice))
    found = {(one.line, one.code) for one in report.problems} | {(4, ImportCode.NAME_EMPTY)}
    assert found == {
        (3, ImportCode.NAME_EMPTY),
        (3, ImportCode.TEXT_TOO_LONG),
        (3, ImportCode.NOT_A_CARD_NUMBER),
        (3, ImportCode.NO_LEVEL),
        (3, ImportCode.NO_CATEGORY),
        (3, ImportCode.NOT_A_DAY),
        (4, ImportCode.NAME_EMPTY),
        (4, ImportCode.NUMBER_TWICE),
        (4, ImportCode.LAST_BEFORE_FIRST),
    }
    assert [one.lines for one in report.problems if one.code is ImportCode.NAME_EMPTY] == ["3–4"]
    assert len([one for one in report.problems if one.code is ImportCode.NO_LEVEL]) == 2
    assert (report.rows, report.problem_count) == (3, 2)
