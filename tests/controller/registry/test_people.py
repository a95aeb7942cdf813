from dataclasses import replace

from controller.model.credentials import CardholderStatus
from controller.registry import people
from controller.registry.database import Registry
from controller.registry.name_folding import sort_key
from tests.controller.registry.samples import fill, person_row


def test_sorted_by_reading_without_regard_to_width_and_case():
    keys = [sort_key("x", "ﾀﾅｶ"), sort_key("タナカ", ""), sort_key("ＡＢＣ", "")]
    assert keys == ["たなか", "たなか", "abc"]


def test_changed_person_is_found_by_the_new_name_only(registry: Registry):
    fill(registry, range(2), level=None)
    with registry.write() as db:
        people.change_person(
            db, replace(person_row(0), name="Åsa", kana="オーサ", status=CardholderStatus.SUSPENDED)
        )
        assert [row.id for row in people.people_page(db, "åsa", None, 9)] == ["p0"]
        assert [row.id for row in people.people_page(db, "ｵｰｻ", None, 9)] == ["p0"]
        assert people.people_page(db, "人0", None, 9) == []
        assert people.people_named(db, "Åsa")[0].status is CardholderStatus.SUSPENDED


def test_page_after_a_person_who_is_gone_starts_over(registry: Registry):
    fill(registry, range(3), level=None)
    with registry.read() as db:
        assert len(people.people_page(db, "", "nobody", 9)) == 3


def test_levels_granted_replace_those_held(registry: Registry):
    fill(registry, range(1), level="a")
    fill(registry, range(1, 2), level="b")
    with registry.write() as db:
        people.set_levels(db, "p0", ["b", "b"])
        assert people.levels_of(db, "p0") == [("b", "b")]
        people.set_levels(db, "p0", [])
        assert people.levels_of(db, "p0") == []
        assert people.levels_of(db, "p1") == [("b", "b")]
