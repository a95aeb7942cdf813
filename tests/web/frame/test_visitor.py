"""Who is at the browser, and what the registrar gets to know of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, PASSWORD, opened_site
from web.frame.visitor import SignInNeeded, Visitor
from web.words.words import Words


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened_site(tmp_path / "data") as site:
        yield site


def visitor(site: Site) -> Visitor:
    return Visitor(
        site=site,
        now=NOW,
        words=Words("en"),
        address="127.0.0.1",
        token="token",
        browser=None,
        signed_in=ADMIN,
        own_password=PASSWORD,
    )


def test_request_carries_the_session_and_the_password_typed_with_it(site: Site) -> None:
    acting = visitor(site).acting
    assert (acting.operator, acting.token, acting.password) == (ADMIN, "token", PASSWORD)


def test_nobody_signed_in_sends_nothing(site: Site) -> None:
    with pytest.raises(SignInNeeded):
        _ = replace(visitor(site), signed_in=None, token=None).acting


def test_password_is_in_no_printed_visitor_or_acting(site: Site) -> None:
    seen = visitor(site)
    assert PASSWORD not in repr(replace(seen, site=None)) + repr(replace(seen.acting, site=None))  # type: ignore[arg-type]
