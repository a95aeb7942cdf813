"""Frozen dataclasses as plain JSON values and back; a value equal to its default is left out.

By the names of fields: a field added later, with a default, leaves older stored values readable.
"""

import dataclasses
import types
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin

from controller.model.events import Json


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
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    return {
        name: to_plain(found)
        for name, _, default in _fields(value.__class__)
        if (found := getattr(value, name)) != default
    }


def from_plain(kind: Any, plain: Any) -> Any:
    """Raise ValueError, TypeError or KeyError for a value that is not a `kind`; unknown fields are
    ignored.
    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        return from_plain(next(one for one in get_args(kind) if one is not type(None)), plain)
    if origin is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(from_plain(inner[0], one) for one in _list(plain))
        return tuple(from_plain(one, part) for one, part in zip(inner, _list(plain), strict=True))
    if origin is frozenset:
        return frozenset(from_plain(get_args(kind)[0], one) for one in _list(plain))
    if origin is not None:  # a mapping
        key, value = get_args(kind)
        return types.MappingProxyType(
            {from_plain(key, name): from_plain(value, one) for name, one in _table(plain).items()}
        )
    if kind in (datetime, date):
        return kind.fromisoformat(plain)
    if dataclasses.is_dataclass(kind):
        table = _table(plain)
        fields = _fields(kind)  # type: ignore[arg-type]
        return kind(**{name: from_plain(type_, table[name]) for name, type_, _ in fields if name in table})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if not isinstance(plain, kind):
        raise TypeError(f"{plain!r} is not a {kind.__name__}")
    return plain


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, Any, Any], ...]:
    """Name, type and default of each; MISSING for a required one."""
    return tuple(
        (
            one.name,
            one.type,
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
