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
    (field,) = fields_in_error(answer)
    return field


def fields_in_error(answer: Answer) -> list[dict[str, str | None]]:
    """The attributes of all fields that the page names, marks, describes and links to, in the order of the
    page. The first one has the focus.
    """
    assert answer.status in (409, 422), answer.status
    page = _Elements()
    page.feed(answer.text)
    by_id = {attributes["id"]: (tag, attributes) for tag, attributes in page.found if attributes.get("id")}
    assert len(by_id) == sum(1 for _, one in page.found if one.get("id")), "an id is there twice"
    banner = answer.text[answer.text.index('<div class="refused" role="alert"') :]
    banner = banner[: banner.index("</div>")]
    link = _Elements()
    link.feed(banner)
    targets = [str(one["href"]).removeprefix("#") for tag, one in link.found if tag == "a"]
    focused = [one["id"] for _, one in page.found if "autofocus" in one]
    named = [one for tag, one in page.found if str(one.get("id")) in targets]
    assert list(dict.fromkeys(targets)) == [one["id"] for one in named], "not in the order of the page"
    assert focused == targets[:1], (targets, focused)
    for field in named:
        assert by_id[field["id"]][0] in ("input", "select"), field
        assert field.get("aria-invalid") == "true"
        described = (field["aria-describedby"] or "").split()
        assert all(one in by_id for one in described), described
        assert by_id[f"{field['id']}-error"][1]["class"] == "error"
    marked = {one["id"] for _, one in page.found if one.get("aria-invalid") == "true" and one.get("id")}
    assert marked == set(targets), "a field is marked and not in the banner"
    return named
