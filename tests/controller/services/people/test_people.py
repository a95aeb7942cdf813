import unicodedata

import pytest

from controller.errors import BadInput, NotFound, NotPermitted
from controller.model.credentials import CardholderStatus
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.people.standing import Standing
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, idm


def newest_change(site: Site):
    return changes.page(Acting(site, ADMIN, NOW))[0]


def version(site: Site) -> int:
    with site.registry.read() as db:
        return db.execute("SELECT registry_version FROM meta").fetchone()[0]


def test_person_added_is_found_by_name_reading_and_badge(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "山田 花子", "ヤマダ ハナコ")
    badges.add(Acting(site, ADMIN, NOW), person.id, idm(0xBEEF))
    for text in ("山田", "ハナコ", "ﾊﾅｺ", "BEEF", "beef", ""):
        assert [p.id for p in people.search(Acting(site, ADMIN, NOW), text).people] == [person.id], text
    assert people.search(Acting(site, ADMIN, NOW), "田中").people == ()
    assert people.get(Acting(site, ADMIN, NOW), person.id).badges[0].last_four == "BEEF"


def test_everybody_on_a_page_has_their_own_badges_levels_and_standing(site: Site):
    taro, hanako, nobody = (
        people.add(Acting(site, ADMIN, NOW), name) for name in ("Taro", "Hanako", "Nobody")
    )
    for number in (0xBEEF, 0xABCD):
        badges.add(Acting(site, ADMIN, NOW), taro.id, idm(number))
    badges.add(Acting(site, ADMIN, NOW), hanako.id, idm(0xFFEE))
    both = [levels.add(Acting(site, ADMIN, NOW), name, []).id for name in ("Night", "Day")]
    people.edit(Acting(site, ADMIN, NOW), taro.id, "Taro", levels=both[:1])
    people.edit(Acting(site, ADMIN, NOW), hanako.id, "Hanako", levels=both, standing=Standing(overrides=True))
    listed = {
        one.name: (
            [badge.last_four for badge in one.badges],
            [level.name for level in one.levels],
            one.standing.overrides,
        )
        for one in people.search(Acting(site, ADMIN, NOW)).people
    }
    assert listed == {
        "Hanako": (["FFEE"], ["Day", "Night"], True),
        "Nobody": ([], [], False),
        "Taro": (["ABCD", "BEEF"], ["Night"], False),
    }
    assert people.search(Acting(site, ADMIN, NOW), "Nobody").people == (nobody,)


@pytest.mark.parametrize("text", ["さとう", "サトウ", "ｻﾄｳ", "佐藤花", "佐　藤 花子", "さとうはな", "ｻ ﾄ ｳ"])
def test_search_ignores_spaces_width_and_the_kind_of_kana(site: Site, text: str):
    person = people.add(Acting(site, ADMIN, NOW), "佐藤　花子", "さとう はなこ")
    people.add(Acting(site, ADMIN, NOW), "加藤 花子", "カトウ ハナコ")
    assert [one.id for one in people.search(Acting(site, ADMIN, NOW), text).people] == [person.id]
    found = people.find(Acting(site, ADMIN, NOW), text)
    assert found.one == person and found.count == 1


def test_text_means_the_only_one_who_fits_or_the_only_whole_name(site: Site):
    taro = people.add(Acting(site, ADMIN, NOW), "Tanaka Taro")
    short = people.add(Acting(site, ADMIN, NOW), "Tanaka")
    badges.add(Acting(site, ADMIN, NOW), taro.id, idm(0xBEEF))
    taro = people.get(Acting(site, ADMIN, NOW), taro.id)
    for text, meant in (
        ("ＴＡＮＡＫＡ", short),
        ("tanakataro", taro),
        (" taro ", taro),
        (taro.id, taro),
        ("beef", taro),
        ("…BEEF", taro),
        ("tana", None),
        ("nobody", None),
    ):
        assert people.find(Acting(site, ADMIN, NOW), text).one == meant, text
    assert people.find(Acting(site, ADMIN, NOW), "tana").count == 2
    people.add(Acting(site, ADMIN, NOW), "田中", "TANAKA")
    assert people.find(Acting(site, ADMIN, NOW), "Tanaka").one is None


@pytest.mark.parametrize("text", ["", " ", "　", "\u200b", "・"])
def test_text_without_anything_to_compare_fits_nobody(site: Site, text: str):
    people.add(Acting(site, ADMIN, NOW), "Tanaka")
    assert people.find(Acting(site, ADMIN, NOW), text).people == ()


def test_search_takes_percent_and_underscore_as_they_are(site: Site):
    people.add(Acting(site, ADMIN, NOW), "Anna")
    assert people.search(Acting(site, ADMIN, NOW), "%").people == ()
    assert people.search(Acting(site, ADMIN, NOW), "A_na").people == ()


def test_pages_show_everybody_once_in_order_of_reading(site: Site):
    added = {people.add(Acting(site, ADMIN, NOW), f"人{i}", f"よみ{i % 5}").id for i in range(23)}
    seen, after = [], None
    while True:
        page = people.search(Acting(site, ADMIN, NOW), after=after, limit=4)
        seen += page.people
        after = page.next
        if after is None:
            break
    assert len(seen) == 23 and {p.id for p in seen} == added
    assert [p.kana for p in seen] == sorted(p.kana for p in seen)


def test_change_is_recorded_with_only_what_differs(site: Site):
    level = levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", "always")])
    person = people.add(Acting(site, ADMIN, NOW), "Before", "よみ")
    people.edit(Acting(site, ADMIN, NOW), person.id, "After", "よみ", [level.id])
    change = newest_change(site)
    assert change.action == "person_changed" and change.object_id == person.id
    assert change.operator_name == "Admin" and change.role == "admin"
    assert change.before == {"name": "Before", "levels": []}
    assert change.after == {"name": "After", "levels": ["Floor"]}


def test_edit_that_changes_nothing_is_not_recorded(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "Same")
    people.edit(Acting(site, ADMIN, NOW), person.id, "Same")
    assert newest_change(site).action == "person_added"


def test_suspend_and_resume_are_recorded_with_reason(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "山田")
    suspended = people.suspend(Acting(site, SUPERVISOR, NOW), person.id, "left the\r\ncompany")
    assert suspended.status is CardholderStatus.SUSPENDED
    assert newest_change(site).reason == "left the company"
    assert people.resume(Acting(site, ADMIN, NOW), person.id).status is CardholderStatus.ACTIVE
    assert newest_change(site).after == {"name": "山田", "status": "active"}


def test_roles_without_the_right_change_and_see_nothing(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "山田")
    before = version(site)
    for asker in (AUDITOR, SUPERVISOR, VIEWER):
        with pytest.raises(NotPermitted):
            people.add(Acting(site, asker, NOW), "x")
        with pytest.raises(NotPermitted):
            people.edit(Acting(site, asker, NOW), person.id, "x")
        with pytest.raises(NotPermitted):
            people.resume(Acting(site, asker, NOW), person.id)
    with pytest.raises(NotPermitted):
        people.search(Acting(site, VIEWER, NOW))
    assert version(site) == before


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b", "x" * 101, "x" * 1000, "a\nb", "a\x1b[31m", "\ud800", "\x00"]
)
def test_name_that_cannot_be_kept_is_refused_with_one_sentence(site: Site, name: str):
    before = version(site)
    with pytest.raises(BadInput) as error:
        people.add(Acting(site, ADMIN, NOW), name)
    assert error.value.field == "name"
    assert str(error.value).endswith(".") and "\n" not in str(error.value)
    str(error.value).encode()
    assert version(site) == before


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "＝１＋１", "👩‍👩‍👧", "محمد", "か゛", "\ue000", "x" * 100]
)
def test_unusual_name_is_kept_as_it_is(site: Site, name: str):
    person = people.add(Acting(site, ADMIN, NOW), name)
    assert people.get(Acting(site, ADMIN, NOW), person.id).name == unicodedata.normalize("NFC", name)


def test_unknown_person_and_level_are_not_found(site: Site):
    with pytest.raises(NotFound):
        people.get(Acting(site, ADMIN, NOW), "nobody")
    with pytest.raises(NotFound):
        people.add(Acting(site, ADMIN, NOW), "山田", levels=["gone"])
    assert people.search(Acting(site, ADMIN, NOW)).people == ()


def test_lone_surrogate_in_an_id_or_a_search_is_refused_in_one_sentence(site: Site):
    for call in (people.get, people.suspend):
        with pytest.raises(BadInput):
            call(Acting(site, ADMIN, NOW), "\ud800")
    with pytest.raises(BadInput):
        people.search(Acting(site, ADMIN, NOW), "\ud800")


def test_person_is_named_by_reference_or_whole_name_and_never_by_a_part(site: Site) -> None:
    acting = Acting(site, ADMIN, NOW)
    sato = people.add(acting, "佐藤 太郎", "さとう たろう").id
    people.add(acting, "鈴木 次郎")
    for text in (sato, "佐藤 太郎", "佐藤太郎", "佐藤　太郎 ", "サトウタロウ"):
        assert [one.id for one in people.named(acting, text)] == [sato], text
    for text in ("佐藤", "", " "):
        assert people.named(acting, text) == (), text
    people.add(acting, "鈴木 次郎")
    assert len(people.named(acting, "鈴木 次郎")) == 2
