"""Every link between our pages has a target, and every file or folder that a page names exists."""

import re
from pathlib import Path

from tests.architecture.documents.markdown import anchors, inline_code, links
from tests.architecture.source_tree import DOCUMENTS, PACKAGES, ROOT

NAMED = re.compile(rf"((?:{'|'.join(PACKAGES)}|tests|deploy|docs)/[\w./-]+)")


def leads_nowhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or (bool(anchor) and anchor not in anchors(target))


def test_links_resolve() -> None:
    found = [
        f"{page.name}: {link}" for page in DOCUMENTS for link in links(page) if leads_nowhere(page, link)
    ]
    assert found == []


def test_files_named_in_page_exist() -> None:
    assert [
        f"{page.name}: {code}"
        for page in DOCUMENTS
        for code in inline_code(page)
        if (match := NAMED.fullmatch(code)) and not (ROOT / match[1]).exists()
    ] == []


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
