"""A request of any kind, as small as its types allow: nothing that it names exists."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from tests.sample_site import NOW


def sample(type_: Any) -> Any:
    """A value of this type, as small as possible; a request is a value too."""
    if type_ is type(None) or type(None) in get_args(type_):
        return None
    if get_origin(type_) in (tuple, frozenset):
        return get_origin(type_)()
    if get_origin(type_) is Mapping:
        return {}
    if get_origin(type_) is not None:  # Annotated, or one of several types
        return sample(get_args(type_)[0])
    if dataclasses.is_dataclass(type_):
        hints = get_type_hints(type_, include_extras=True)
        return type_(**{one.name: sample(hints[one.name]) for one in dataclasses.fields(type_)})  # type: ignore[operator]
    if issubclass(type_, Enum):
        return next(iter(type_))
    return {str: "x", int: 1, bool: False, date: date(2026, 11, 27), datetime: NOW.utc}[type_]
