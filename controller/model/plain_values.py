"""Frozen dataclasses as plain JSON values and back; a value equal to its default is left out.

By the names of fields: a field added later, with a default, leaves older stored values readable. What another
process sends is read strictly: no unknown field, no text above its limit.
"""

import dataclasses
import types
import unicodedata
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from controller.model.events import Json
from controller.model.finding_names import NameList

UNLIMITED_TEXT = 500  # characters of a text without a TextLimit of its own, where values are read strictly


class TextTooLong(ValueError):
    """A text has more characters than its limit."""

    def __init__(self, length: int, most: int) -> None:
        super().__init__(f"{length} characters, {most} at most")
        self.length = length
        self.most = most


@dataclasses.dataclass(frozen=True)
class TextLimit:
    """The most characters of a text, as metadata of its type: `Annotated[str, TextLimit(100)]`.

    Counted as the text is stored: composed, without spaces at its ends or in a row.
    """

    most: int

    def check(self, text: str) -> None:
        length = len(text)
        if length <= 4 * self.most:  # before any work on it
            length = len(unicodedata.normalize("NFC", " ".join(text.split())))
        if length > self.most:
            raise TextTooLong(length, self.most)


def to_plain(value: Any) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        plain: str | int = value.value
        return plain
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((to_plain(one) for one in value), key=str)
    if isinstance(value, NameList):
        return str(value)
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    return {
        name: to_plain(found)
        for name, _, default in _fields(value.__class__)
        if (found := getattr(value, name)) != default
    }


def from_plain(kind: Any, plain: Any, strict: bool = False) -> Any:
    """Raise ValueError, TypeError or KeyError for a value that is not a `kind`.

    `strict` also refuses unknown fields, true as a number, and a text above its limit; otherwise unknown
    fields are ignored and texts have any length.
    """
    if kind is Any:  # what has a reader of its own
        return plain
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *limits = get_args(kind)
        if not strict or inner is not str:
            return from_plain(inner, plain, strict)
        return _text(plain, next(one for one in limits if isinstance(one, TextLimit)))
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), plain, strict)
    if origin is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(from_plain(inner[0], one, strict) for one in _list(plain))
        return tuple(from_plain(one, part, strict) for one, part in zip(inner, _list(plain), strict=True))
    if origin is frozenset:
        return frozenset(from_plain(get_args(kind)[0], one, strict) for one in _list(plain))
    if origin is not None:  # a mapping
        key, value = get_args(kind)
        return types.MappingProxyType(
            {
                from_plain(key, name, strict): from_plain(value, one, strict)
                for name, one in _table(plain).items()
            }
        )
    if kind in (datetime, date):
        return kind.fromisoformat(plain)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, _table(plain), strict)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if strict and kind is str:
        return _text(plain, TextLimit(UNLIMITED_TEXT))
    if not isinstance(plain, kind) or (strict and kind is int and isinstance(plain, bool)):
        raise TypeError(f"{type(plain).__name__} is not a {kind.__name__}")
    return plain


def _one_of(kinds: tuple[Any, ...], plain: Any, strict: bool) -> Any:
    """The first of `kinds` that `plain` can be: a day before a moment, whose text is longer."""
    if plain is None and type(None) in kinds:
        return None
    others = [one for one in kinds if one is not type(None)]
    for kind in others[:-1]:
        try:
            return from_plain(kind, plain, strict)
        except (ValueError, TypeError, KeyError):
            continue
    return from_plain(others[-1], plain, strict)


def _dataclass(kind: Any, table: dict[str, Any], strict: bool) -> Any:
    fields = _fields(kind)
    for name, _, default in fields:
        if default is dataclasses.MISSING and name not in table:
            raise KeyError(name)
    if strict and (unknown := table.keys() - {name for name, _, _ in fields}):
        raise ValueError(f"{kind.__name__} has no field {min(unknown)[:40]!r}")
    return kind(
        **{name: from_plain(type_, table[name], strict) for name, type_, _ in fields if name in table}
    )


def _text(plain: Any, limit: TextLimit) -> str:
    if not isinstance(plain, str):
        raise TypeError(f"{type(plain).__name__} is not a text")
    limit.check(plain)
    return plain


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, Any, Any], ...]:
    """Name, type and default of each; MISSING for a required one."""
    types_ = get_type_hints(kind, include_extras=True)
    return tuple(
        (
            one.name,
            types_[one.name],
            one.default if one.default_factory is dataclasses.MISSING else one.default_factory(),
        )
        for one in dataclasses.fields(kind)  # type: ignore[arg-type]
    )


def _list(plain: Any) -> list[Any]:
    if isinstance(plain, list):
        return plain
    raise TypeError(f"{plain!r} is not a list")


def _table(plain: Any) -> dict[str, Any]:
    if isinstance(plain, dict):
        return plain
    raise TypeError(f"{plain!r} is not a table")
