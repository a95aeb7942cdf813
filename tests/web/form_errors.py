"""The errors of a returned form, read from its HTML."""

from html.parser import HTMLParser

from tests.web.client import Answer


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def field_in_error(answer: Answer) -> dict[str, str | None]:
    """The attributes of the one field that the page names, marks, focuses, describes and links to."""
    assert answer.status in (409, 422), answer.status
    page = _Elements()
    page.feed(answer.text)
    by_id = {attributes["id"]: (tag, attributes) for tag, attributes in page.found if attributes.get("id")}
    assert len(by_id) == sum(1 for _, one in page.found if one.get("id")), "an id is there twice"
    banner = answer.text[answer.text.index('<div class="refused" role="alert"') :]
    banner = banner[: banner.index("</div>")]
    focused = [one for _, one in page.found if "autofocus" in one]
    assert len(focused) == 1, focused
    link = _Elements()
    link.feed(banner)
    targets = [one["href"] for tag, one in link.found if tag == "a"]
    assert targets == [f"#{focused[0]['id']}"], (targets, focused)
    tag, field = by_id[str(focused[0]["id"])]
    assert tag in ("input", "select"), tag
    assert field.get("aria-invalid") == "true"
    described = (field["aria-describedby"] or "").split()
    assert all(one in by_id for one in described), described
    assert by_id[f"{field['id']}-error"][1]["class"] == "error"
    return field
