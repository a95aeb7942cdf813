"""A finding on a page uses the site's names; its place keeps the file's names."""

from dataclasses import replace

from controller.model.finding_names import AreaName, CategoryName, NameList, PlaceName, QualificationName
from controller.model.rules.order import RuleName
from controller.model.rules.setting import Weight
from controller.services.rules.findings import Finding
from tests.controller.model.rule_books import FULL, SV
from tests.web.sample_words import sample_words
from web.rules.findings import finding_lines

KEY = "{name}"


def called(value: object, language: str = "ja") -> str:
    words = sample_words(FULL, language, "<{}>".format)
    (line,) = finding_lines([Finding("areas.floor", KEY, {"name": value}, Weight.DOUBT)], words)
    assert line.where == "areas.floor" and line.is_warning and not line.holds_up
    return line.text


def test_each_kind_of_name_is_reported_by_its_label() -> None:
    assert called(CategoryName(SV)) == "SV"
    assert called(CategoryName(SV), "en") == "Supervisor"
    assert called(NameList([CategoryName("visitor"), CategoryName("agency")])) == "来客、派遣"
    assert called(QualificationName("nda")) == "秘密保持誓約"
    assert called(AreaName("floor")) == "フロア"
    assert called(PlaceName("entrance-in")) == "<entrance-in>"
    assert called(NameList([RuleName.STAFF_MIX])) == "人員構成"
    assert called("2") == "2"


def test_label_of_what_is_gone_is_that_of_the_rules_before() -> None:
    words = sample_words(replace(FULL, categories={}), "ja")
    (line,) = finding_lines([Finding("", KEY, {"name": CategoryName("visitor")})], words, FULL)
    assert line.text == "来客"
