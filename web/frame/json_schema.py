"""JSON Schema of the values that requests and their results hold, for OpenAPI.

As `plain_values.py` writes them: a value equal to its default is left out.
"""

import dataclasses
import types
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from controller.model.finding_names import NameList
from controller.model.plain_values import UNLIMITED_TEXT, TextLimit

Schema = dict[str, Any]
_PLAIN: Mapping[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    NameList: {"type": "string"},
    type(None): {"type": "null"},
    Any: {},
}


class Schemas:
    """`components` collects the schema of each dataclass, under its name."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def fields_of(self, kind: type[Any], also: Mapping[str, Schema]) -> Schema:
        """An object with the fields of a dataclass, and these besides; nothing else is allowed."""
        hints = get_type_hints(kind, include_extras=True)
        fields = dataclasses.fields(kind)
        needed = [
            one.name
            for one in fields
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        ]
        return {
            "type": "object",
            "properties": {one.name: self.of(hints[one.name]) for one in fields} | dict(also),
            "additionalProperties": False,
            **({"required": needed} if needed else {}),
        }

    def of(self, kind: Any) -> Schema:
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            limit = next((one for one in inner[1:] if isinstance(one, TextLimit)), None)
            return {"type": "string", "maxLength": limit.most} if limit is not None else self.of(inner[0])
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(one) for one in inner]}
        if origin is tuple and inner[-1] is not Ellipsis:
            return {
                "type": "array",
                "prefixItems": [self.of(one) for one in inner],
                "minItems": len(inner),
                "maxItems": len(inner),
            }
        if origin in (tuple, frozenset):
            return {"type": "array", "items": self.of(inner[0])}
        if origin is not None:  # a mapping
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if kind is str:
            return {"type": "string", "maxLength": UNLIMITED_TEXT}
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if dataclasses.is_dataclass(kind):
            return self._reference(kind)
        if issubclass(kind, Enum):
            values = [one.value for one in kind]
            return {"type": "integer" if isinstance(values[0], int) else "string", "enum": values}
        raise TypeError(f"{kind} has no JSON Schema")

    def _reference(self, kind: Any) -> Schema:
        name = kind.__name__
        if name not in self.components:
            self.components[name] = {}  # one that holds itself finds this
            self.components[name] = self.fields_of(kind, {})
        return {"$ref": f"#/components/schemas/{name}"}
