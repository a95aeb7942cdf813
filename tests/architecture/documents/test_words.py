"""The code uses the words of GLOSSARY.md."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import PACKAGES, ROOT, nodes, place, sources

AVOIDED = {"user", "zone", "port", "gate", "tag", "uid"}
# Things of other projects keep their names in these places.
EXCUSED = {
    # TCP and UDP ports; a reader is on a serial line
    "port": r"controller/commands/|controller/config/|web/|firmware_bridge/",
    # nfcpy's cards; the language tags of HTTP
    "tag": r"firmware_bridge/nfc/|web/words/language.py",
    # ISO 14443's word for a Type A number; the number of a Unix user
    "uid": r"firmware_bridge/|controller/services/data_folder/",
    # a service's own Unix user
    "user": r"controller/services/data_folder/",
}


def names(file: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that this file defines: functions, classes, arguments, variables and fields."""
    for node in nodes(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield (node.id if isinstance(node, ast.Name) else node.attr), node


def words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def excused(word: str, file: Path) -> bool:
    if word == "zone":  # a time zone, not a part of a building
        return bool(re.search("zoneinfo|time_zone", file.read_text(encoding="utf-8"), re.I))
    return word in EXCUSED and bool(re.match(EXCUSED[word], str(file.relative_to(ROOT))))


def test_avoided_words_name_nothing() -> None:
    """GLOSSARY.md has another word for each of them."""
    assert [
        f"{place(file, node)} {name}"
        for file in sources(*PACKAGES)
        for name, node in names(file)
        for word in words(name) & AVOIDED
        if not excused(word, file)
    ] == []


def test_avoided_word_would_be_seen() -> None:
    assert words("SetUserZone") & AVOIDED == {"user", "zone"}
    assert not excused("user", ROOT / "controller/config/lines.py")
    assert not excused("port", ROOT / "controller/errors.py")


WANTED = (
    "signal",
    "action",
    "event",
    "door",
    "area",
    "reader",
    "credential",
    "badge",
    "cardholder",
    "operator",
    "role",
    "schedule",
    "rex",
    "lock",
    "journal",
    "registry",
    "order",
    "assurance",
    "bridge",
    "tamper",
    "interlock",
    "lockdown",
    "duress",
    "occupancy",
    "fail-safe",
    "fail-secure",
    "anti-passback",
    "access point",
    "access level",
    "access rule",
    "door contact",
    "door forced open",
    "door held open",
)


def test_glossary_explains_each_word_once() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    counts = Counter(re.findall(r"^\| \*\*([^*]+)\*\*", glossary, re.MULTILINE))
    assert [word for word, count in counts.items() if count > 1] == []


def test_glossary_explains_the_words_of_the_design() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").lower()
    missing = [w for w in WANTED if not re.search(rf"^\| \*\*[^|]*\b{w}\b[^|]* \|", glossary, re.M)]
    assert missing == []
