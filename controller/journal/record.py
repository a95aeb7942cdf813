"""Encode an event as a record: body, leaf, and the salted details beside them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from controller.journal.proof.canonical import canonical, details_hash, leaf_hash
from controller.model.events import ALARM_TYPES, Event, Json

VERSION = 1
_SALT_BYTES = 16
# fmt: off
RESERVED = frozenset((
    "v", "seq", "boot", "mono_ms", "utc", "clock", "type", "section", "door", "access_point", "reader",
    "direction", "result", "reason", "assurance", "person", "credential", "actor", "config", "registry",
    "details",
))
# fmt: on


@dataclass(frozen=True)
class Record:
    """`details` and `salt` are None for an event without details."""

    seq: int
    utc: str
    body: str
    leaf: bytes
    salt: bytes | None
    details: str | None


def utc_text(moment: datetime) -> str:
    """Format with fixed width, so that text order is time order."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def encode_record(event: Event, seq: int, config_version: str, registry_version: int | None = None) -> Record:
    """`registry_version` is the one in force; an event that names its own version keeps that.

    Raises ValueError if `codes` would overwrite a field of the record.
    """
    salt = details = digest = None
    if event.details:
        details, encoded = _encode(event.details)
        salt = os.urandom(_SALT_BYTES)
        digest = details_hash(salt, encoded)
    at = event.at
    utc = utc_text(at.utc)
    fields: dict[str, Json] = {
        "v": VERSION,
        "seq": seq,
        "boot": at.boot,
        "mono_ms": at.mono_ms,
        "utc": utc,
        "clock": at.clock,
        "type": event.type,
        "section": event.section,
        "config": config_version,
    }
    for name, value in (
        ("door", event.door),
        ("access_point", event.access_point),
        ("reader", event.reader),
        ("direction", event.direction),
        ("result", event.result),
        ("reason", event.reason),
        ("assurance", event.assurance),
        ("person", event.person),
        ("credential", event.credential),
        ("actor", event.actor),
        ("registry", registry_version if event.registry is None else event.registry),
        ("details", digest),
    ):
        if value is not None:
            fields[name] = value
    if event.type in ALARM_TYPES and not event.codes.get("again"):  # a repeated action was an alarm before
        fields["alarm"] = 1
    if event.codes:
        if not RESERVED.isdisjoint(event.codes):
            raise ValueError(f"codes may not be named {sorted(RESERVED.intersection(event.codes))}")
        fields.update(event.codes)
    body, encoded = _encode(fields)
    return Record(seq=seq, utc=utc, body=body, leaf=leaf_hash(encoded), salt=salt, details=details)


def _encode(fields: Mapping[str, Json]) -> tuple[str, bytes]:
    text = canonical(fields)
    try:
        return text, text.encode()
    except UnicodeEncodeError:
        # A USB device or an old name may hold half a surrogate pair; the door must record the event anyway.
        text = canonical(
            {_replace_in_text(key): _replace_lone_surrogates(value) for key, value in fields.items()}
        )
        return text, text.encode()


def _replace_lone_surrogates(value: Json) -> Json:
    if isinstance(value, str):
        return _replace_in_text(value)
    if isinstance(value, list):
        return [_replace_lone_surrogates(inner) for inner in value]
    if isinstance(value, dict):
        return {_replace_in_text(key): _replace_lone_surrogates(inner) for key, inner in value.items()}
    return value


def _replace_in_text(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
