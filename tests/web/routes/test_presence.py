"""Who is inside, the muster list and the worklist, as an operator meets them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.model.operators import OperatorRole
from controller.model.reasons import DenyReason
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from tests.controller.services.floor_side import BOOK, FLOOR, FloorSide
from tests.sample_site import ADMIN, NOW, idm, moved
from tests.web.client import Client
from tests.web.form_errors import field_in_error
from tests.web.site import ServedSite


@pytest.fixture
def floor(served: ServedSite) -> Iterator[FloorSide]:
    with FloorSide(served.site) as floor:
        yield floor


@pytest.fixture
def sv(served: ServedSite) -> Client:
    return served.signed_in(OperatorRole.SUPERVISOR)


def test_site_without_areas_is_shown_what_to_do(admin: Client) -> None:
    for path in ("/presence", "/presence/muster"):
        assert "the rules name no area" in admin.get(path).words
    assert "Nothing to check" in admin.get("/presence/missed").words


def test_people_are_shown_by_area_with_category_and_time(floor: FloorSide, sv: Client) -> None:
    floor.taps("佐藤 <太郎>", "in")
    for path in ("/presence", "/presence/now"):
        page = sv.get(path)
        assert "佐藤 &lt;太郎&gt;" in page.text and "<太郎>" not in page.text
        assert "1 person" in page.words and "Supervisor" in page.words
    floor.taps("佐藤 <太郎>", "out")
    assert "佐藤" not in sv.get("/presence/now").words


@pytest.fixture
def namesakes(floor: FloorSide) -> dict[str, str]:
    """Three people of one folded name, and the text that tells each from the others."""
    ids = {}
    for name, kana, number in (
        ("佐藤 花子", "サトウ ハナコ", 0xAAAA),
        ("佐藤　花子", "サトウ カコ", 0xBBBB),
        ("佐藤花子", "", 0xCCCC),
    ):
        person = people.add(Acting(floor.site, ADMIN, NOW), name, kana).id
        badges.add(Acting(floor.site, ADMIN, NOW), person, idm(number))
        ids[person] = ", ".join(part for part in (kana, f"…{number:X}") if part)
    return ids


def test_people_of_one_name_are_distinguished_where_an_operator_acts(
    floor: FloorSide, admin: Client, namesakes: dict[str, str]
) -> None:
    for person in namesakes:
        floor.ids[person] = person
        floor.taps(person, "in")
    page = admin.get("/presence").text
    for person, details in namesakes.items():
        option = page.partition(f'<option value="person:{person}"')[2].partition("</option>")[0]
        assert f"({details}, Supervisor)" in option
    for path in ("/presence", "/presence/now", "/presence/muster"):
        words = admin.get(path).words
        assert all(details in words for details in namesakes.values()), path


def test_missed_taps_tell_people_of_one_name_apart(
    floor: FloorSide, admin: Client, namesakes: dict[str, str]
) -> None:
    for person in namesakes:
        floor.ids[person] = person
        floor.taps(person, "out")
    words = admin.get("/presence/missed").words
    assert all(details in words for details in namesakes.values())


def test_typed_name_of_several_people_offers_them_in_the_list(
    admin: Client, namesakes: dict[str, str]
) -> None:
    form = {"name": "佐藤 花子", "what": "inside", "area": "floor", "reason": "seen"}
    answer = admin.post("/presence/correct", form)
    assert field_in_error(answer)["id"] == "who"
    for person, details in namesakes.items():
        option = answer.text.partition(f'<option value="person:{person}">')[2].partition("</option>")[0]
        assert f"({details})" in option
    chosen = next(iter(namesakes))
    assert admin.post("/presence/correct", form | {"who": f"person:{chosen}"}).status == 303


def test_viewer_is_not_shown_who_is_inside_and_an_auditor_changes_nothing(
    served: ServedSite, floor: FloorSide
) -> None:
    floor.taps("佐藤 太郎", "in")
    viewer, auditor = served.signed_in(OperatorRole.VIEWER), served.signed_in(OperatorRole.AUDITOR)
    assert viewer.get("/presence").status == 403
    assert 'href="/presence"' not in viewer.get("/log").text
    page = auditor.get("/presence")
    assert "佐藤 太郎" in page.words and 'action="/presence/correct"' not in page.text


def test_person_is_counted_out_with_a_reason(floor: FloorSide, sv: Client) -> None:
    floor.taps("佐藤 太郎", "in")
    form = {"who": f"person:{floor.ids['佐藤 太郎']}", "what": "outside", "reason": " "}
    answer = sv.post("/presence/correct", form)
    assert answer.status == 422 and 'id="reason-error"' in answer.text
    answer = sv.post("/presence/correct", form | {"reason": "seen leaving"})
    assert answer.to == "/presence?done=counted_out"
    assert "佐藤" not in sv.get("/presence/now").words
    answer = sv.post("/presence/correct", form | {"reason": "again"})
    assert answer.status == 409


def test_person_who_came_in_without_a_tap_is_counted_in_with_a_reason(floor: FloorSide, sv: Client) -> None:
    floor.add("鈴木 次郎")
    form = {"name": "鈴木 次郎", "what": "inside", "reason": "followed a colleague"}
    answer = sv.post("/presence/correct", form)
    assert answer.status == 422 and "Choose the area" in answer.words
    assert sv.post("/presence/correct", form | {"area": "cellar"}).status == 409
    assert sv.post("/presence/correct", form | {"area": "floor"}).to == "/presence?done=counted_in"
    assert "鈴木 次郎" in sv.get("/presence/now").words
    assert sv.post("/presence/correct", form | {"area": "floor"}).status == 409, "is there already"
    everybody = sv.post("/presence/correct", form | {"who": "area:floor", "area": "floor"})
    assert everybody.status == 422 and "Choose one person" in everybody.words


def test_person_and_area_are_forgiven_and_an_area_emptied(floor: FloorSide, admin: Client) -> None:
    floor.taps("佐藤 太郎", "in")
    person, why = f"person:{floor.ids['佐藤 太郎']}", {"reason": "drill"}
    assert admin.post("/presence/correct", {"who": person, "what": "forgive"} | why).status == 303
    assert "forgiven" in admin.get("/presence/now").words
    for what, then in (("forgive", "forgiven"), ("outside", "counted_out")):
        answer = admin.post("/presence/correct", {"who": "area:floor", "what": what} | why)
        assert answer.to == f"/presence?done={then}"
    answer = admin.post("/presence/correct", {"who": "area:floor", "what": "forgive"} | why)
    assert answer.status == 422 and "Nobody is counted inside floor" in answer.words
    for form in ({"who": person, "what": "sing"}, {"who": "nobody", "what": "outside"}):
        assert admin.post("/presence/correct", form | why).status == 422


def test_muster_list_names_everybody_with_a_box_and_the_time_and_is_recorded(
    floor: FloorSide, admin: Client
) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("鈴木 次郎", "in")
    page = admin.get("/presence/muster")
    assert page.text.count('class="muster-box"') == 2
    assert "2026-11-24 15:00:00" in page.words and "2 people" in page.words
    assert "Muster list printed" in admin.get("/changes").words


def test_missed_tap_is_dealt_with_by_a_supervisor_and_leaves_the_list(floor: FloorSide, sv: Client) -> None:
    seq = floor.taps("佐藤 太郎", "out")
    assert "佐藤 太郎" in sv.get("/presence/missed").words
    answer = sv.post(f"/presence/missed/{seq}", {"then": "kept", "reason": ""})
    assert answer.status == 422 and f'id="reason-{seq}-error"' in answer.text
    answer = sv.post(f"/presence/missed/{seq}", {"then": "kept", "reason": "同僚と一緒に入室"})
    assert answer.to == "/presence/missed?done=missed_tap"
    assert "佐藤" not in sv.get("/presence/missed").words
    assert sv.post(f"/presence/missed/{seq}", {"then": "kept", "reason": "again"}).status == 404


def test_missed_tap_of_a_refused_person_is_shown_as_a_try(
    served: ServedSite, floor: FloorSide, sv: Client, admin: Client
) -> None:
    floor.taps("佐藤 太郎", "in")
    again = floor.refused("佐藤 太郎", DenyReason.ANTI_PASSBACK, moved(NOW, minutes=5))
    floor.refused("鈴木 次郎", DenyReason.OUTER_AREA_NOT_ENTERED, moved(NOW, minutes=6), within="site")
    words = sv.get("/presence/missed").words
    assert "Tried to enter again without tapping out; refused" in words
    assert "Tried to enter an inner area without tapping into the outer one; refused" in words
    assert "Entered again" not in words and "Entered an inner area" not in words
    sv.post(f"/presence/missed/{again}", {"then": "kept", "reason": "went out behind a colleague"})
    assert "Refused by the door: yes" in admin.get("/changes").words


def test_person_still_inside_the_next_morning_is_counted_out(
    served: ServedSite, floor: FloorSide, sv: Client, admin: Client
) -> None:
    seq = floor.taps("佐藤 太郎", "in")
    served.pass_time(hours=14)
    sv, admin = served.signed_in(OperatorRole.SUPERVISOR), served.signed_in()
    assert "Still inside after the end of the day" in admin.get("/presence/missed").words
    assert sv.post(f"/presence/missed/{seq}", {"then": "outside", "reason": "went home"}).status == 303
    assert "佐藤" not in sv.get("/presence/now").words
    assert "went home" in admin.get("/changes").words


def test_somebody_outside_by_the_log_is_forgiven_by_name_where_the_minutes_are_not_over(
    served: ServedSite, floor: FloorSide, sv: Client
) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("佐藤 太郎", "out")
    form = {"who": "", "name": "佐藤 太郎", "what": "forgive", "reason": "the reader was broken"}
    answer = sv.post("/presence/correct", form)
    assert answer.status == 422 and "there is nothing to forgive" in answer.words
    answer = sv.post("/presence/correct", form | {"name": "佐藤"})
    assert answer.status == 422 and 'id="name-error"' in answer.text and 'value="佐藤"' in answer.text
    minutes = {RuleName.ANTI_PASSBACK: AntiPassbackSetting(RuleMode.ENFORCE, area=False, minutes=1440)}
    book = replace(BOOK, areas={"floor": replace(FLOOR, rules=minutes)})
    rule_books.publish(Acting(served.site, ADMIN, NOW), book, "by time")
    assert sv.post("/presence/correct", form).to == "/presence?done=forgiven"
    assert served.site.presence.now().presence.is_forgiven(floor.ids["佐藤 太郎"])
