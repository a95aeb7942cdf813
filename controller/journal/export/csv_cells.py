"""Cells of the CSV export. Caches hold what repeats from row to row: words, names, hours."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_KEPT = 20_000  # entries of a cache, each well under a kilobyte; a full cache is cleared
# A spreadsheet reads a cell as a formula after one of these; Japanese ones accept full-width forms.
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HOUR = timedelta(hours=1)


def text_cell(text: str) -> str:
    """Quote the text so that no spreadsheet runs it as a formula."""
    clean = text.replace("\x00", "")
    if text.startswith("\x00") or clean.startswith(_TRIGGERS):
        clean = "'" + clean
    return '"' + clean.replace('"', '""') + '"'


def _cell(value: object) -> str:
    """Return an empty cell for None."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else text_cell(str(value))


class CodeCells(dict[str, tuple[str, str, str]]):
    """Maps a JSON list [door … reason, count, actor, assurance] to cells: joined, actor, assurance."""

    def __init__(self, columns: tuple[str, ...], words: Mapping[str, str]) -> None:
        super().__init__()
        self._columns = columns
        self._words = words

    def __missing__(self, key: str) -> tuple[str, str, str]:
        if len(self) >= _KEPT:
            self.clear()
        *codes, count, actor, assurance = json.loads(key)
        texts = [_cell(self._label(name, code)) for name, code in zip(self._columns, codes, strict=True)]
        proved = _cell(self._words.get(f"assurance:{assurance}", assurance))
        cells = self[key] = (",".join((*texts, _cell(count))), _cell(actor), proved)
        return cells

    def _label(self, column: str, code: str | None) -> str | None:
        """Try `column:code` before `code`, so that a door may share its name with a reason."""
        if code is None:
            return None
        return self._words.get(f"{column}:{code}") or self._words.get(code, code)


class NameCells(dict[str | None, tuple[str, str]]):
    """Maps a JSON list [name, last four, operator] to cells: the first two joined, the operator."""

    def __missing__(self, key: str | None) -> tuple[str, str]:
        if len(self) >= _KEPT:
            self.clear()
        name, last_four, operator = (None, None, None) if key is None else json.loads(key)
        cells = self[key] = (f"{_cell(name)},{_cell(last_four)}", _cell(operator))
        return cells


class LocalHours(dict[str, tuple[str, str] | None]):
    """Maps a UTC hour such as "2026-11-24T06" to the local text before and after its minutes and seconds.

    None for an hour whose offset has minutes or changes within it: then minutes differ from UTC's.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, key: str) -> tuple[str, str] | None:
        if len(self) >= _KEPT:
            self.clear()
        start = datetime.fromisoformat(key + ":00:00").replace(tzinfo=UTC)
        first = start.astimezone(self._zone)
        last = (start + _HOUR - timedelta(seconds=1)).astimezone(self._zone)
        offset = first.utcoffset()
        plain = offset is not None and offset == last.utcoffset() and not offset % _HOUR
        text = first.isoformat(" ", "seconds")
        cells = self[key] = (f'"{text[:14]}', f'{text[19:]}"') if plain else None
        return cells

    def cell(self, utc: str) -> str:
        """Convert a moment in an hour that maps to None."""
        moment = datetime.fromisoformat(utc).astimezone(self._zone)
        return f'"{moment.isoformat(" ", "seconds")}"'
