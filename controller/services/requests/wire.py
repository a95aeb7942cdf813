"""Requests, results and refusals as JSON between the registrar and the processes that ask it.

A refusal travels as the name of its class, the names of the classes it is a kind of, and its values, so that
the page and the command line meet the same error as in one process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

from controller.errors import BadRequest, GenkanError, SeveralRefused
from controller.model.plain_values import TextLimit, TextTooLong, from_plain, to_plain
from controller.services.requests.request import Request, kind_of, result_of
from controller.services.typed_texts import too_long

VERSION = 1
R = TypeVar("R")
_Secret = Annotated[str, TextLimit(1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request on the wire. `token` names the session; `password` confirms it."""

    kind: Annotated[str, TextLimit(64)]
    fields: dict[str, Any]
    v: int = VERSION
    token: Annotated[str, TextLimit(200)] = ""
    password: _Secret = ""


def encode_request(request: Request[Any], token: str, password: str) -> dict[str, Any]:
    return {
        "v": VERSION,
        "kind": kind_of(type(request)),
        "fields": to_plain(request),
        "token": token,
        "password": password,
    }


def decode_message(plain: Any) -> Message:
    """Raise BadRequest for anything else than a message of this version."""
    try:
        if not isinstance(plain, dict) or plain.get("v") != VERSION or not isinstance(plain["fields"], dict):
            raise ValueError(f"this is not a request of version {VERSION}")
        head = {name: value for name, value in plain.items() if name != "fields"}
        read: Message = from_plain(Message, {**head, "fields": {}}, strict=True)
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest(f"The registrar cannot read the request ({_cause(error)}).") from error
    return Message(kind=read.kind, fields=plain["fields"], token=read.token, password=read.password)


def decode_request(kinds: Mapping[str, type[Request[Any]]], message: Message) -> Request[Any]:
    """Raise BadRequest for an unknown kind or field or a wrong type, BadInput for a text above its limit."""
    kind = kinds.get(message.kind)
    if kind is None:
        raise BadRequest("The registrar knows no request of this kind; both must be of the same version.")
    try:
        for name, value in message.fields.items():
            if isinstance(value, str) and (limit := text_limit(kind, name)) is not None:
                field = name
                limit.check(value)
        field = ""
        request: Request[Any] = from_plain(kind, message.fields, strict=True)
    except TextTooLong as error:
        raise too_long(field, error.length, error.most) from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest(
            f"The registrar cannot read the request {message.kind} ({_cause(error)})."
        ) from error
    return request


def encode_result(value: Any) -> dict[str, Any]:
    return {"ok": to_plain(value)}


def encode_error(error: GenkanError) -> dict[str, Any]:
    values = {name: _value(getattr(error, name)) for name in _values_of(type(error)) if hasattr(error, name)}
    classes = [one.__name__ for one in type(error).__mro__ if issubclass(one, GenkanError)]
    plain: dict[str, Any] = {"classes": classes, "text": str(error), "values": values}
    if isinstance(error, SeveralRefused):
        plain["errors"] = [encode_error(one)["error"] for one in error.errors]
    return {"error": plain}


def decode_answer(request: type[Request[R]], answer: Mapping[str, Any]) -> R:
    """Return the result, or raise the error that the registrar answered with."""
    if "error" in answer:
        raise _decode_error(answer["error"])
    result: R = from_plain(result_of(request), answer["ok"])
    return result


def _decode_error(plain: Mapping[str, Any]) -> GenkanError:
    """Of the nearest class that this process has loaded."""
    loaded = _error_classes()
    kind = next(loaded[name] for name in plain["classes"] if name in loaded)
    if issubclass(kind, SeveralRefused):
        return SeveralRefused([_decode_error(one) for one in plain["errors"]])  # type: ignore[misc]
    error = kind.__new__(kind, plain["text"])
    for name, type_ in _values_of(kind).items():
        if name in plain["values"]:
            setattr(error, name, from_plain(type_, plain["values"][name]))
    return error


def _error_classes() -> dict[str, type[GenkanError]]:
    found: dict[str, type[GenkanError]] = {}
    waiting: list[type[GenkanError]] = [GenkanError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting.extend(kind.__subclasses__())
    return found


def _values_of(kind: type[GenkanError]) -> dict[str, Any]:
    """The attributes that an error's class declares, with their types."""
    return {name: type_ for name, type_ in get_type_hints(kind).items() if not name.startswith("_")}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(one) for name, one in value.items()}
    try:
        return to_plain(value)
    except TypeError:  # a field of a sentence: any value that can be printed
        return str(value)


def text_limit(kind: type[Request[Any]], name: str) -> TextLimit | None:
    """The limit of this field of a request; None for a field that is not a text."""
    type_ = get_type_hints(kind, include_extras=True).get(name)
    return next((one for one in getattr(type_, "__metadata__", ()) if isinstance(one, TextLimit)), None)


def _cause(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
