"""The last column of `genkan log show`: the other fields of a record, as codes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from controller.model.events import EventType

# Areas, category and rules: every tap has these, so this column leaves them out; `--json` has them.
_OF_EVERY_TAP = frozenset({"area", "within", "left", "category", "rules", "with"})
OF_EVERY_LINE = frozenset(
    {
        "seq", "utc", "clock", "resolved_utc", "type", "section", "door", "access_point", "reader",
        "direction", "result", "reason", "assurance", "person", "badge", "operator", "person_ref",
        "credential", "actor", "boot", "mono_ms", "registry", "config", "details",
    }
)  # fmt: skip
_LEFT_OUT = OF_EVERY_LINE | _OF_EVERY_TAP | {"action_id", "done_utc", "rights", "rights_seq"}
_WITH_PROBLEM = frozenset({EventType.READER_OFFLINE, EventType.CONFIG_DAMAGED})  # … and its fields
_FROM_DETAILS = ("problem", "error", "device")
_PLAIN = re.compile(r"[\w.,:*/+-]+")


def addition(line: Mapping[str, Any]) -> str:
    """Return the column for a line of `controller/journal/export/lines.py`; "-" if it is empty."""
    fields = [f"{name}={_text(value)}" for name, value in _fields(line) if value is not None]
    return " ".join(fields) or "-"


def _fields(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "operator", line["operator"]
    for name, value in line.items():
        if name not in _LEFT_OUT:
            yield name, value
    details = line["details"] or {}
    for name in details if line["type"] in _WITH_PROBLEM else _FROM_DETAILS:
        if isinstance(details.get(name), str | int):
            yield name, details[name]


def _text(value: object) -> str:
    """Quote text with spaces or signs, so that a value is one word and a record one line."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
