"""The set-up page names every wrong field of its form."""

from tests.web.form_errors import fields_in_error
from tests.web.site import ServedSite


def test_set_up_form_names_every_error(new_site: ServedSite) -> None:
    sent = {"code": "wrong", "name": "two words", "display_name": "", "password": "a", "password_again": "b"}
    page = new_site.client().post("/set-up", sent)
    names = [one["id"] for one in fields_in_error(page)]
    assert names == ["code", "display_name", "name", "password", "password_again"]
    assert page.text.count("▲") == 6, "one for each field, and one for the banner"
