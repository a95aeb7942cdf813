"""What every page has: its language, its menu, the way back of the switch."""

import pytest

from controller.errors import NotPermitted
from controller.model.operators import OperatorRole
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.render import Renderer, error_text
from web.words.words import Words


@pytest.fixture
def renderer(new_site: ServedSite) -> Renderer:
    kept: Renderer = new_site.app.state.renderer
    return kept


def test_texts_are_escaped_and_a_forgotten_value_is_an_error(renderer: Renderer) -> None:
    environment = renderer.environments["ja"]
    assert environment.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(Exception, match="undefined"):
        environment.from_string("{{ y }}").render()


def test_role_in_an_error_is_a_word() -> None:
    error = NotPermitted("Your role ({role}) does not allow this; ask an administrator.", role="viewer")
    assert "閲覧のみ" in error_text(Words("ja"), error)
    assert "Viewer" in error_text(Words("en"), error)


@pytest.mark.parametrize("path", ["/log?result=denied&day=2026-11-24", "/people/new", "/doors"])
def test_language_switch_comes_back_to_the_same_page(admin: Client, path: str) -> None:
    assert f'name="back" value="{path.replace("&", "&amp;")}"' in admin.get(path).text


def test_language_switch_of_a_refused_form_comes_back_to_the_form(admin: Client) -> None:
    assert 'name="back" value="/people/new"' in admin.post("/people/new", {"name": ""}).text
    assert 'name="back" value="/"' in admin.post("/doors/entrance/unlock", {"reason": ""}).text


def test_menu_shows_what_the_role_may_open(served: ServedSite) -> None:
    viewer = served.signed_in(OperatorRole.VIEWER).get("/log").text
    auditor = served.signed_in(OperatorRole.AUDITOR).get("/log").text
    assert ('href="/people"' in viewer, 'href="/people"' in auditor) == (False, True)
    assert 'href="/log" aria-current="page"' in viewer


def test_notice_is_chosen_by_code_and_never_read_from_the_address(admin: Client) -> None:
    assert "Saved." in admin.get("/levels?done=saved").words
    assert "gotcha" not in admin.get("/levels?done=gotcha").words
