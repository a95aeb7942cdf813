"""The catalogue: complete, up to date, with the same fields; and which language a request gets."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from tests.web.site import ServedSite
from web.words.language import LOCALES, preferred

ROOT = Path(__file__).parents[3]
PO = LOCALES / "ja" / "LC_MESSAGES" / "genkan.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "translate_count": (1, 2)}
# Of the Japanese texts: each has another word for the same thing.
AVOIDED = ("コントローラ", "レジストラ", "登録情報", "操作者", "扉")
FIELD = re.compile(r"%\(\w+\)s|\{\w*\}")


def keys_in_the_source() -> set[str | tuple[str, ...]]:
    jinja = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
    found: set[str | tuple[str, ...]] = set()
    for folder, method, options in (
        ("controller", [("**.py", "python")], {}),
        ("web", [("**.py", "python"), ("templates/**.html", "jinja2")], {"templates/**.html": jinja}),
    ):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method, options, KEYWORDS
        ):
            found.add(message)
    return {key for key in found if key}


def translations() -> dict[str | tuple[str, ...], Message]:
    with PO.open("rb") as file:
        return {message.id: message for message in read_po(file, locale="ja") if message.id}


def test_every_message_has_a_japanese_translation_and_none_is_left_over() -> None:
    translated = translations()
    wanted = keys_in_the_source()
    missing = sorted(str(key) for key in wanted - set(translated))
    assert not missing, (
        f"Add to web/locales/ja/LC_MESSAGES/genkan.po (web/locales/babel.cfg has the commands): {missing}"
    )
    assert set(translated) - wanted == set()
    assert [key for key, message in translated.items() if not message.string or message.fuzzy] == []


def test_translation_has_the_fields_of_its_message() -> None:
    for key, message in translations().items():
        source = key[-1] if isinstance(key, tuple) else key
        text = message.string[0] if isinstance(message.string, tuple | list) else message.string
        assert set(FIELD.findall(source)) == set(FIELD.findall(text)), source


def test_japanese_has_one_word_for_one_thing() -> None:
    texts = [str(message.string) for message in translations().values()]
    assert [text for text in texts if any(word in text for word in AVOIDED)] == []


def test_empty_line_is_after_each_entry() -> None:
    text = PO.read_text(encoding="utf-8")
    assert re.findall(r'^msgstr.*\n(?:".*\n)*(?=msgid|#)', text, re.MULTILINE) == []


def messages(catalogue: Catalog) -> list[str]:
    return sorted(f"{message.id} = {message.string}" for message in catalogue if message.id)


def test_compiled_catalogue_is_that_of_the_source() -> None:
    """Messages are compared, not bytes: the header of a compiled catalogue holds its creation time."""
    compiled = io.BytesIO()
    with PO.open("rb") as file:
        write_mo(compiled, read_po(file, locale="ja"))
    compiled.seek(0)
    with PO.with_suffix(".mo").open("rb") as file:
        shipped = messages(read_mo(file))
    wanted = messages(read_mo(compiled))
    assert shipped == wanted, "run `make locales`"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ja"),
        ("de,fr;q=0.9", "ja"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("ja;q=0.9,en;q=0.5", "ja"),
        ("en;q=x,ja;q=0.1", "ja"),
        ("EN-gb", "en"),
        (",,;;q=", "ja"),
    ],
)
def test_browser_gets_the_language_it_asks_for(header: str, language: str) -> None:
    assert preferred(header) == language


def test_switch_is_on_every_page_and_the_choice_is_kept(served: ServedSite) -> None:
    client = served.client()
    assert 'lang="ja"' in client.get("/sign-in", {"Accept-Language": "ja"}).text
    answer = client.post("/language", {"language": "en", "back": "/sign-in?back=/doors"})
    assert answer.to == "/sign-in?back=/doors"
    assert '<html lang="en">' in client.get("/sign-in", {"Accept-Language": "ja"}).text


def test_choice_of_somebody_signed_in_holds_in_another_browser(served: ServedSite) -> None:
    served.signed_in().post("/language", {"language": "ja"})
    assert '<html lang="ja">' in served.signed_in().get("/log").text


def test_language_nobody_offers_changes_nothing(served: ServedSite) -> None:
    client = served.client()
    assert client.post("/language", {"language": "xx"}).cookies == []


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/x\r\ny",
    ],
)
def test_way_back_never_leaves_the_site(served: ServedSite, back: str) -> None:
    assert served.client().post("/language", {"language": "en", "back": back}).to == "/"
