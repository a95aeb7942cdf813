"""Bodies are bounded before anything reads them."""

from tests.web.client import Client
from tests.web.site import ServedSite
from web.security.bodies import FORM_BYTES


def test_form_larger_than_the_limit_is_refused(served: ServedSite, admin: Client) -> None:
    assert admin.post("/people/new", {"name": "x" * FORM_BYTES}).status == 413
    assert admin.post("/people/new", {"name": "x" * 10_000_000}).status == 413


def test_upload_of_ten_megabytes_is_read_and_one_above_the_cap_is_not(
    served: ServedSite, admin: Client
) -> None:
    assert admin.upload("/import", b"name,idm\n" + b"x" * 10_000_000).status == 422
    assert admin.upload("/import", b"x" * 20_200_000).status == 413


def test_upload_from_somebody_not_signed_in_is_not_read(served: ServedSite) -> None:
    answer = served.client().upload("/import", b"name,idm\n" + b"x" * 5_000_000)
    assert answer.to == "/sign-in?back=/" or answer.to == "/sign-in"
