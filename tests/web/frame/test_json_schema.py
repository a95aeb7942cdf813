"""JSON Schema of the types that requests hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import pytest

from controller.model.plain_values import TextLimit
from web.frame.json_schema import Schemas


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Node:
    name: Annotated[str, TextLimit(10)]
    inner: "Node | None" = None


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (bool, {"type": "boolean"}),
        (int, {"type": "integer"}),
        (str, {"type": "string", "maxLength": 500}),
        (Annotated[str, TextLimit(7)], {"type": "string", "maxLength": 7}),
        (date, {"type": "string", "format": "date"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (Colour, {"type": "string", "enum": ["red"]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (frozenset[int], {"type": "array", "items": {"type": "integer"}}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (
            tuple[int, bool],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "boolean"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
    ],
)
def test_type_has_the_schema_of_its_plain_value(kind: Any, schema: dict[str, Any]) -> None:
    assert Schemas().of(kind) == schema


def test_dataclass_is_a_component_even_if_it_holds_itself() -> None:
    schemas = Schemas()
    reference = {"$ref": "#/components/schemas/Node"}
    assert schemas.of(Node) == reference
    assert schemas.components["Node"] == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 10},
            "inner": {"anyOf": [reference, {"type": "null"}]},
        },
        "additionalProperties": False,
        "required": ["name"],
    }


def test_type_without_a_schema_is_an_error() -> None:
    with pytest.raises(TypeError):
        Schemas().of(bytes)
