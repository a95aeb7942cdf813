"""An area goes from its form into the draft, and a mistake back beside its field."""

from controller.model.operators import MACHINE
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.services.rules import draft as rule_draft
from tests.web.client import Client
from tests.web.ruled_site import SEEN, newest, publish
from tests.web.site import ServedSite


def test_area_is_edited_into_the_draft_compared_and_published(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {
        "label_en": "Call floor",
        "label_ja": "フロア",
        "entries": "entrance-in",
        "exits": "entrance-out",
        "supervisor_present.mode": "enforce",
        "supervisor_present.categories": ["agency", "regular"],
        "occupancy.mode": "observe",
        "occupancy.most": "20",
    }
    assert admin.post("/rules/areas/floor", form).to == "/rules/draft?done=draft_saved"
    assert newest(served).version == ruled
    page = admin.get("/rules/draft").words
    assert (
        "These people cannot enter unless a supervisor is inside: Agency staff, Regular staff. (Enforce)"
        in page
    )
    assert "At most 20 people can be inside." in page
    assert "affects 1 person" in page and "affects 2 people" in page
    assert publish(admin, note="twenty") == f"/rules/versions/{ruled + 1}?done=rules_published"
    rules = newest(served).areas["floor"].rules
    assert rules[RuleName.OCCUPANCY].mode is RuleMode.OBSERVE
    assert "twenty" in admin.get("/rules/versions").words


def test_form_says_what_each_rule_does(admin: Client, ruled: int) -> None:
    page = admin.get("/rules/areas/floor").words
    assert page.count("These people cannot enter unless a supervisor is inside: Agency staff.") == 1
    assert "people can be inside." not in page


def test_number_that_is_none_is_shown_beside_its_field_and_nothing_is_saved(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"label_en": "A", "label_ja": "A", "occupancy.mode": "enforce", "occupancy.most": "many"}
    answer = admin.post("/rules/areas/floor", form)
    assert answer.status == 422
    assert "“many” is not a whole number" in answer.words and 'value="many"' in answer.text
    assert rule_draft.get(served.site.acting(MACHINE)) is None


def test_new_area_needs_a_name_that_is_free(served: ServedSite, admin: Client, ruled: int) -> None:
    form = {"name": "floor", "label_en": "A", "label_ja": "A", "entries": "entrance-in"}
    assert "There is already an area floor" in admin.post("/rules/areas/new", form).words
    assert "1 to 32 of a-z" in admin.post("/rules/areas/new", form | {"name": "Floor 2"}).words
    assert admin.post("/rules/areas/new", form | {"name": "second"}).status == 303
    page = admin.get("/rules/draft").words
    assert "Correct these points before publishing" in page
    assert "entrance-in is already an entry of the area Call floor" in page
    assert admin.post("/rules/areas/second/remove").status == 303
    assert rule_draft.get(served.site.acting(MACHINE)) is None


def test_room_within_an_area_is_drawn_compared_and_shown_again(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"name": "room", "label_en": "Room", "label_ja": "部屋", "entries": "room-in", "within": "floor"}
    assert admin.post("/rules/areas/new", form).to == "/rules/draft?done=draft_saved"
    assert rule_draft.edited(served.site.acting(MACHINE)).areas["room"].within == "floor"
    assert "Lies within Call floor." in admin.get("/rules/draft").words
    assert '<option value="floor" selected>' in admin.get("/rules/areas/room").text
    assert 'value="floor"' not in admin.get("/rules/areas/floor").text, "not within itself"


def test_form_opened_before_somebody_elses_change_overwrites_it_only_when_saved_again(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"label_en": "Call floor", "label_ja": "フロア", "entries": "entrance-in", "exits": "entrance-out"}
    mine, theirs = (form | {"occupancy.mode": "enforce", "occupancy.most": most} for most in ("20", "30"))
    opened = {"seen": admin.get("/rules/areas/floor").ids(SEEN)[0]}
    assert admin.post("/rules/areas/floor", theirs | opened).status == 303
    answer = admin.post("/rules/areas/floor", mine | opened)
    assert answer.status == 409 and "Somebody changed this after you opened the form" in answer.words
    assert 'value="20"' in answer.text, "what was typed is not lost"
    assert "At most 30 people" in admin.get("/rules/draft").words
    again = {"seen": answer.ids(SEEN)[0]}
    assert admin.post("/rules/areas/floor", mine | again).status == 303
    assert "At most 20 people" in admin.get("/rules/draft").words


def test_form_opened_before_rules_were_published_does_not_undo_them(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"label_en": "Call floor", "label_ja": "フロア", "entries": "entrance-in", "exits": "entrance-out"}
    opened = {"seen": admin.get("/rules/areas/floor").ids(SEEN)[0]}
    assert admin.post("/rules/areas/floor", form | {"label_en": "Hall"}).status == 303
    publish(admin)
    assert admin.post("/rules/areas/floor", form | opened).status == 409
    assert (
        rule_draft.get(served.site.acting(MACHINE)) is None
        and newest(served).areas["floor"].label_en == "Hall"
    )


def test_mistake_corrected_does_not_overwrite_what_somebody_else_saved_meanwhile(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"label_en": "Call floor", "label_ja": "フロア", "entries": "entrance-in", "exits": "entrance-out"}
    mine, theirs = (form | {"occupancy.mode": "enforce", "occupancy.most": most} for most in ("20", "30"))
    opened = {"seen": admin.get("/rules/areas/floor").ids(SEEN)[0]}
    assert admin.post("/rules/areas/floor", theirs | opened).status == 303
    mistake = admin.post("/rules/areas/floor", mine | opened | {"occupancy.most": "2o"})
    assert mistake.status == 422
    answer = admin.post("/rules/areas/floor", mine | {"seen": mistake.ids(SEEN)[0]})
    assert answer.status == 409 and "Somebody changed this after you opened the form" in answer.words
    assert "At most 30 people" in admin.get("/rules/draft").words
    second = admin.post("/rules/areas/floor", mine | {"seen": answer.ids(SEEN)[0], "occupancy.most": "2o"})
    assert admin.post("/rules/areas/floor", mine | {"seen": second.ids(SEEN)[0]}).status == 303, "was told"


def test_area_changed_since_its_page_was_opened_is_not_removed(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    form = {"label_en": "Hall", "label_ja": "ホール", "entries": "entrance-in", "exits": "entrance-out"}
    (opened,) = admin.get("/rules/areas/floor").ids(f'/remove">.*{SEEN}')
    assert admin.post("/rules/areas/floor", form).status == 303
    answer = admin.post("/rules/areas/floor/remove", {"seen": opened})
    assert answer.status == 409 and "so it was not removed" in answer.words
    assert rule_draft.edited(served.site.acting(MACHINE)).areas["floor"].label_en == "Hall"
    (again,) = admin.get("/rules/areas/floor").ids(f'/remove">.*{SEEN}')
    assert admin.post("/rules/areas/floor/remove", {"seen": again}).status == 303
    assert "floor" not in rule_draft.edited(served.site.acting(MACHINE)).areas
