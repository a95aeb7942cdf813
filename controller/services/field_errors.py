"""Refuse a form, or a row of a file, once, with every value that is wrong."""

from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

from controller.errors import BadInput, FieldConflict, SeveralRefused, refused_values

P = ParamSpec("P")
Value = TypeVar("Value")


class FieldErrors:
    """`check` each value in a `with` block. At its end the block raises what was refused, so the values may
    be used only after the block.
    """

    def __init__(self) -> None:
        self._refused: list[BadInput | FieldConflict] = []

    def __enter__(self) -> "FieldErrors":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or not self._refused:
            return
        if len(self._refused) == 1:
            raise self._refused[0]
        raise SeveralRefused(self._refused)

    def check(self, parse: Callable[P, Value], *args: P.args, **kwargs: P.kwargs) -> Value:
        try:
            return parse(*args, **kwargs)
        except (BadInput, FieldConflict) as error:
            self._refused += refused_values(error)
            return cast(Value, None)
