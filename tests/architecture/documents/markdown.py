"""The parts of a Markdown page that tests check: code blocks, inline code, links, headings."""

import re
import unicodedata
from pathlib import Path

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.M | re.S)


def code_lines(page: Path) -> list[str]:
    """Return the lines of code blocks, with continued lines joined and without comments."""
    lines = []
    for block in FENCE.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            bare = re.sub(r"(^|\s)#.*", "", line).strip()
            if bare:
                lines.append(bare)
    return lines


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def inline_code(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page)))


def anchors(page: Path) -> set[str]:
    """Return the anchors of headings as GitHub creates them: lower case, words joined by hyphens."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.M):
        kept = "".join(c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM")
        found.add(kept.strip().replace(" ", "-"))
    return found
