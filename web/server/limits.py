"""How many connections the web service keeps, and how long it waits for a client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The limits of one server. Durations are in seconds."""

    connections: int = 500
    kept_for_loopback: int = 20  # of these; a flood from the network leaves the machine itself its pages
    per_address: int = 200  # an office; not of loopback, which may carry a tunnel or a proxy for everybody
    headers_s: float = 10.0  # from the connection or the request's first byte; the TLS handshake included
    idle_s: float = 30.0  # between two requests
    body_s: float = 30.0  # for the whole body, or for each `body_bytes` of it
    body_bytes: int = 1024 * 1024
    writing_s: float = 60.0  # of an answer that the client does not read
    streams: int = 200  # live pages
    streams_per_address: int = 100  # not of loopback
    streams_per_session: int = 6
    requests_per_session: int = 10  # under way at the same time; the service has 12 threads
