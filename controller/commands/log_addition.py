"""The last column of `genkan log show`: what else a record says, as codes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from controller.model.events import EventType

# Where an access point leads, what the person is and by which rules: every tap has these, `--json` too.
_OF_EVERY_TAP = frozenset({"area", "within", "left", "category", "rules", "with"})
OF_EVERY_LINE = frozenset(
    {
        "seq", "utc", "clock", "resolved_utc", "type", "section", "door", "access_point", "reader",
        "direction", "result", "reason", "assurance", "person", "badge", "operator", "person_ref",
        "credential", "actor", "boot", "mono_ms", "registry", "config", "details",
    }
)  # fmt: skip
_LEFT_OUT = OF_EVERY_LINE | _OF_EVERY_TAP | {"action_id", "done_utc"}
_FROM_DETAILS = ("problem", "device")
_PLAIN = re.compile(r"[\w.,:*/+-]+")


def addition(line: Mapping[str, Any]) -> str:
    """`line` is one of `controller/journal/lines.py`; "-" where it says nothing more."""
    fields = [f"{name}={_text(value)}" for name, value in _fields(line) if value is not None]
    return " ".join(fields) or "-"


def _fields(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "operator", line["operator"]
    for name, value in line.items():
        if name not in _LEFT_OUT:
            yield name, value
    details = line["details"] or {}
    for name in details if line["type"] == EventType.READER_OFFLINE else _FROM_DETAILS:
        if isinstance(details.get(name), str | int):
            yield name, details[name]


def _text(value: object) -> str:
    """Quoted where it holds spaces or signs, so that it is one word of the column and one line of the log."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
