"""gettext as the templates of one language call it, by `{% trans %}` and `_()`.

Jinja's own copies the whole context for each phrase within a block; a page has fifty phrases.
"""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from web.words.language import catalogue


def template_gettext(language: str) -> Callable[..., Markup]:
    """Fields are escaped; the phrase itself is ours and may hold HTML."""
    translate = catalogue(language).gettext
    without_fields: dict[str, Markup] = {}

    def gettext(key: str, /, **fields: Any) -> Markup:
        if fields:
            return Markup(translate(key)) % fields  # noqa: S704 -- from our catalogue
        phrase = without_fields.get(key)
        if phrase is None:
            phrase = without_fields[key] = Markup(translate(key)) % {}  # noqa: S704 -- "%%" is one "%"
        return phrase

    return gettext
