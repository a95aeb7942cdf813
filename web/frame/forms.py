"""A form as it was sent, with what is wrong beside each field.

The templates name an error at its field, give the first such field the focus, and link to each from the
banner above; `forms.html` has the macros. An error without a field of the form is in the banner, which then
has the focus. `fields` are in the order of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.errors import BadInput, FieldConflict, OperatorError, refused_values


@dataclass(slots=True)
class Form:
    """`values` are shown again so that nobody types twice; passwords and PINs are never among them."""

    values: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    errors: dict[str, list[OperatorError]] = field(default_factory=dict)
    fields: Sequence[str] = ()
    ids: Mapping[str, str] = field(default_factory=dict)  # of a field whose element has another id

    def refuse(self, error: OperatorError) -> int:
        """Put each error beside its field, or above the form; returns the status to answer with."""
        for one in refused_values(error) if isinstance(error, BadInput | FieldConflict) else (error,):
            named = one.field if isinstance(one, BadInput | FieldConflict) else ""
            self.errors.setdefault(named if named in self.fields else "", []).append(one)
        order = ["", *self.fields]
        self.errors = dict(sorted(self.errors.items(), key=lambda item: order.index(item[0])))
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
        """The first one at this field."""
        return next(iter(self.errors_of(name)), None)

    def errors_of(self, name: str) -> Sequence[OperatorError]:
        return self.errors.get(name, ())

    @property
    def focus(self) -> str | None:
        """The field that gets the focus: the first one with an error, "" for the banner."""
        return next(iter(self.errors), None)
