"""[web]: where the pages are served, and with which certificate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.config.table import Table, short_text

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Web:
    host: str
    port: int
    tls_certificate: Path | None
    tls_key: Path | None

    @property
    def tls(self) -> bool:
        return self.tls_certificate is not None


def read_web(table: Table) -> Web:
    def path(value: Any) -> Path | None:
        return table.file.parent / value if isinstance(value, str) and value else None

    web = Web(
        host=table.optional("host", "127.0.0.1", short_text, "a host name or address"),
        port=table.optional(
            "port",
            8080,
            lambda v: v if isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 65535 else None,
            "a port number from 1 to 65535",
        ),
        tls_certificate=table.optional("tls_certificate", None, path, "the path of a PEM file"),
        tls_key=table.optional("tls_key", None, path, "the path of a PEM file"),
    )
    table.done()
    if (web.tls_certificate is None) != (web.tls_key is None):
        raise table.fail("tls_certificate", "tls_certificate and tls_key go together; write both or neither.")
    if not web.tls and web.host not in _LOOPBACK:
        raise table.fail(
            "host",
            f"{web.host!r} is not loopback, and without TLS the pages are served to this machine only; "
            'write "127.0.0.1", or set tls_certificate and tls_key.',
        )
    return web
