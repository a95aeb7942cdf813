"""The hash of one request: what an operator confirms, and what the record of the action names."""

import dataclasses
import hashlib
import hmac
import json
from typing import Any

from controller.model.plain_values import to_plain
from controller.services.requests.request import Request, kind_of

_PURPOSE = b"genkan request hash v1 "


def request_hash(request: Request[Any], body: bytes, key: bytes) -> str:
    """SHA-256 in hex over kind, fields and the file's own SHA-256, as canonical JSON.

    `key` is the secret key of the data folder. A password or a PIN enters as its MAC: operators read the hash
    in the log, and could otherwise find a PIN of four digits by trying all of them.
    """
    fields = to_plain(request)
    assert isinstance(fields, dict)  # noqa: S101 - a dataclass always is
    for one in dataclasses.fields(request):  # type: ignore[arg-type]
        if not one.repr and one.name in fields:
            secret = f"{one.name}={fields[one.name]}".encode("utf-8", "surrogatepass")
            fields[one.name] = hmac.digest(key, _PURPOSE + secret, "sha256").hex()
    whole = {
        "kind": kind_of(type(request)),
        "fields": fields,
        "body": hashlib.sha256(body).hexdigest(),
    }
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
