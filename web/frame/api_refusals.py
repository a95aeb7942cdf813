"""Refusals of /api/v1: codes and values, which are the same in every language, beside a sentence."""

from collections.abc import Mapping
from typing import Any

from controller.errors import (
    BadInput,
    ConfirmationNeeded,
    Conflict,
    FieldConflict,
    NotFound,
    NotPermitted,
    OperatorError,
    SeveralRefused,
    Throttled,
)
from web.frame.render import error_text
from web.words.words import Words

CODES: Mapping[int, str] = {  # where nothing tells more than the status
    400: "bad_request",
    401: "sign_in_needed",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "bad_input",
    429: "throttled",
    503: "unavailable",
}
_OF_OPERATORS: tuple[tuple[type[OperatorError], str], ...] = (
    (NotFound, "not_found"),
    (NotPermitted, "not_permitted"),
    (Throttled, "throttled"),
    (SeveralRefused, "several_refused"),
    (BadInput, "bad_input"),
    (FieldConflict, "field_conflict"),
    (Conflict, "conflict"),
)


def refusal(error: OperatorError, words: Words) -> dict[str, Any]:
    """Code, field and values; of several refusals each."""
    code = next((code for kind, code in _OF_OPERATORS if isinstance(error, kind)), "refused")
    found: dict[str, Any] = {"code": code}
    if isinstance(error, BadInput | FieldConflict):
        found["field"] = error.field
    if isinstance(error, BadInput) and error.code is not None:
        found["value_code"] = error.code.value
    if isinstance(error, SeveralRefused):
        found["errors"] = [{**refusal(one, words), "detail": error_text(words, one)} for one in error.errors]
    else:
        found["fields"] = {name: _plain(value) for name, value in error.fields.items()}
    return found


def confirmation(error: ConfirmationNeeded) -> dict[str, Any]:
    return {"code": "confirmation_needed", "each_time": error.each_time, "is_wrong": error.is_wrong}


def _plain(value: object) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)
