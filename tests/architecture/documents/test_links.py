"""Links between our pages lead somewhere, and so does every file or folder that a page names."""

import re
from pathlib import Path

import pytest

from tests.architecture.documents.markdown import anchors, inline_code, links
from tests.architecture.house import DOCUMENTS, PACKAGES, ROOT

NAMED = re.compile(rf"((?:{'|'.join(PACKAGES)}|tests|deploy|docs)/[\w./-]+)")


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_files_named_in_page_exist(page: Path) -> None:
    for code in inline_code(page):
        match = NAMED.fullmatch(code)
        if match:
            assert (ROOT / match[1]).exists(), f"{page.name}: {code}"


def test_root_pages_are_there() -> None:
    wanted = {
        "README",
        "README.ja",
        "ARCHITECTURE",
        "GLOSSARY",
        "DECISIONS",
        "CONTRIBUTING",
        "CHANGELOG",
        "SECURITY",
    }
    assert wanted <= {page.stem for page in DOCUMENTS}
