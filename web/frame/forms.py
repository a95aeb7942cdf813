"""A form as it was sent, with what is wrong beside each field.

The templates name an error at its field, give that field the focus, and link to it from the banner above;
`forms.html` has the macros. An error without a field of the form is in the banner, which then has the focus.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.errors import BadInput, FieldConflict, OperatorError


@dataclass(slots=True)
class Form:
    """`values` are shown again so that nobody types twice; passwords and PINs are never among them."""

    values: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    errors: dict[str, OperatorError] = field(default_factory=dict)
    fields: Sequence[str] = ()
    ids: Mapping[str, str] = field(default_factory=dict)  # of a field whose element has another id

    def refuse(self, error: OperatorError) -> int:
        """Put `error` beside its field, or above the form; returns the status to answer with."""
        where = ""
        if isinstance(error, BadInput | FieldConflict) and error.field in self.fields:
            where = error.field
        self.errors[where] = error
        return 422 if isinstance(error, BadInput) else 409

    def id_of(self, name: str) -> str:
        return self.ids.get(name, name)

    def value(self, name: str) -> str:
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def values_of(self, name: str) -> Sequence[str]:
        value = self.values.get(name, ())
        return (value,) if isinstance(value, str) else value

    def error(self, name: str) -> OperatorError | None:
        return self.errors.get(name)
