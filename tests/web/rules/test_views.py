"""The overview: what is in force, in sentences, with the people it is about."""

from pathlib import Path

from controller.model.headcount import Headcount
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import FULL
from tests.controller.services.wide_site import wide_config
from web.rules.views import book_view
from web.words.words import Words

PEOPLE = Headcount(3, {"sv": 1, "agency": 2}, {"nda": 2}, 0)


def test_view_tells_every_area_door_category_and_qualification(tmp_path: Path) -> None:
    config = wide_config(tmp_path)
    view = book_view(FULL, config, Words.of_site(config, "ja"), PEOPLE)
    (area,) = view.areas
    assert (area.label, area.entries, area.exits) == ("フロア", "entrance-in", "entrance-out")
    assert {line.name for line in area.rules} == set(RuleName)
    assert [door.label for door in view.doors] == ["入口", "archive", "locker"]
    assert view.doors[0].rules[0].mode is RuleMode.OBSERVE
    assert {one.name: one.people for one in view.categories} == {
        "sv": 1,
        "regular": 0,
        "agency": 2,
        "visitor": 0,
    }
    assert [(one.label, one.people, one.warn_days) for one in view.qualifications] == [
        ("秘密保持誓約", 2, 14)
    ]


def test_door_that_genkan_toml_no_longer_has_is_distinguished(tmp_path: Path) -> None:
    from dataclasses import replace

    from controller.model.rule_book import DoorRules

    config = wide_config(tmp_path)
    view = book_view(
        replace(FULL, doors={"back": DoorRules("back")}), config, Words.of_site(config, "en"), PEOPLE
    )
    assert [door.name for door in view.doors if not door.is_there] == ["back"]
