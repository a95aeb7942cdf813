"""Categories and qualifications, each list on one form."""

import pytest

from tests.web.client import Client
from tests.web.ruled_site import SEEN, newest, publish, save_category
from tests.web.site import ServedSite


def test_categories_and_qualifications_are_added_and_removed(served: ServedSite, admin: Client) -> None:
    save_category(admin, "night")
    fields = {
        "row": ["0", "1"],
        "name.0": "nda",
        "label_en.0": "NDA",
        "label_ja.0": "誓約",
        "warn_days.0": "9",
    }
    assert admin.post("/rules/qualifications", fields).status == 303
    publish(admin)
    assert set(newest(served).categories) == {"night"}
    assert newest(served).qualifications["nda"].warn_days == 9
    assert admin.post("/rules/qualifications", fields | {"remove.0": "yes"}).status == 303
    publish(admin)
    assert not newest(served).qualifications


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"row": ["0"], "name.0": "Night", "label_en.0": "N", "label_ja.0": "N"}, "1 to 32 of a-z"),
        ({"row": ["0"], "name.0": "night", "label_en.0": "", "label_ja.0": "N"}, "The name is empty"),
        (
            {
                "row": ["0", "1"],
                **{f"{key}.{n}": "night" for n in "01" for key in ("name", "label_en", "label_ja")},
            },
            "is used twice",
        ),
    ],
)
def test_category_that_cannot_be_is_reported(
    admin: Client, fields: dict[str, str | list[str]], message: str
) -> None:
    answer = admin.post("/rules/categories", fields)
    assert answer.status == 422 and message in answer.words


def test_words_and_doors_changed_meanwhile_are_not_overwritten_unseen(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    for path in ("/rules/categories", "/rules/qualifications", "/rules/doors/entrance"):
        seen = admin.get(path).ids(SEEN)[0]
        change = {"row": ["90"], "name.90": "guest", "label_en.90": "Guest", "label_ja.90": "客"}
        change |= {"warn_days.90": "9", "mode": "locked"}
        assert admin.post(path, change | {"seen": seen}).status == 303, path
        assert admin.post(path, change | {"seen": seen}).status == 409, path


@pytest.mark.parametrize(
    ("path", "mistake"),
    [
        ("/rules/categories", {"name.90": "Guest 1"}),
        ("/rules/qualifications", {"warn_days.90": "9 days"}),
        ("/rules/doors/entrance", {"occupancy.mode": "enforce", "occupancy.most": "2o"}),
    ],
)
def test_mistake_corrected_is_held_against_what_the_form_was_filled_from(
    admin: Client, ruled: int, path: str, mistake: dict[str, str]
) -> None:
    change = {"row": "90", "name.90": "guest", "label_en.90": "Guest", "label_ja.90": "客", "mode": "locked"}
    seen = admin.get(path).ids(SEEN)[0]
    assert admin.post(path, change | {"seen": seen}).status == 303
    answer = admin.post(path, change | mistake | {"seen": seen})
    assert answer.status == 422
    assert admin.post(path, change | {"seen": answer.ids(SEEN)[0]}).status == 409
