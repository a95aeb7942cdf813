"""Phrases of the templates: as the catalogue has them, with escaped fields."""

import pytest

from tests.web.site import ServedSite
from web.frame.template_gettext import template_gettext


@pytest.mark.parametrize(("language", "phrase"), [("en", "Entry log"), ("ja", "入退室記録")])
def test_phrase_without_fields_is_in_the_language(language: str, phrase: str) -> None:
    gettext = template_gettext(language)
    assert [gettext("Entry log"), gettext("Entry log")] == [phrase, phrase]


def test_fields_are_escaped_and_the_phrase_is_not() -> None:
    gettext = template_gettext("en")
    assert gettext("<b>%(who)s</b> 5%%", who="<i>") == "<b>&lt;i&gt;</b> 5%"
    assert gettext("5%% <b>") == "5% <b>"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_template_says_the_same_in_a_block_with_variables_of_its_own(
    new_site: ServedSite, language: str
) -> None:
    template = new_site.app.state.renderer.environments[language].from_string(
        "{% block main %}{% set who = '<x>' %}{% trans %}Sign out{% endtrans %}|{{ _('Sign out') }}|"
        "{% trans who=who %}Printed {{ who }}{% endtrans %}{% endblock %}"
    )
    plain, by_name, with_field = template.render().split("|")
    assert plain == by_name == template_gettext(language)("Sign out")
    assert with_field == "Printed &lt;x&gt;"
