"""The application as a whole: the outermost layer, and its memory of live streams."""

from pathlib import Path

from controller.services.site import Site
from tests.sample_site import opened_site
from tests.web.site import ServedSite
from web.app import PAGES, create_app
from web.frame.live import LiveLog
from web.security.headers import SecurityHeaders


def test_headers_are_outermost_so_that_nothing_answers_without_them(new_site: ServedSite) -> None:
    assert new_site.app.user_middleware[0].cls is SecurityHeaders


def test_documents_of_the_framework_are_off(new_site: ServedSite) -> None:
    app = new_site.app
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)


def test_two_applications_share_nothing(tmp_path: Path) -> None:
    with opened_site(tmp_path / "a") as first, opened_site(tmp_path / "b") as second:
        one, other = create_app(first), create_app(second)
        site: Site = one.state.site
        live: LiveLog = one.state.live
        assert site is first
        assert live is not other.state.live


def test_address_with_a_slash_too_many_is_not_redirected(served: ServedSite) -> None:
    """Starlette would build the redirect from the Host header."""
    answer = served.client().get("/sign-in/", {"Host": "localhost:6666"})
    assert answer.status == 404
    assert answer.header("location") is None


def test_every_page_has_a_router_with_routes() -> None:
    assert all(page.router.routes for page in PAGES)
