"""Deadlines and limits as clients meet them: connections to a served site, whose clock the test moves."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sample_site import opened_site
from tests.waiting import until
from tests.web.site import ServedSite
from web.server.listener import Stage

LONGEST_PAGE_S = 1.0
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def plain(served: ServedSite) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        until(lambda: len(served.listener.connections) == 1)
        yield client


def stage(served: ServedSite) -> Stage:
    (connection,) = served.listener.connections
    return connection.stage


def is_over(client: socket.socket) -> bool:
    """Whether the server ended the connection; waits for it at most the socket's timeout."""
    try:
        return client.recv(65536) == b""
    except ConnectionResetError:
        return True


def request_health(client: socket.socket) -> None:
    client.sendall(GET + b"\r\n")
    answer = b""
    while not answer.endswith(b"ok\n"):
        answer += client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_client_that_sends_nothing_is_disconnected_after_ten_seconds(
    served: ServedSite, plain: socket.socket
) -> None:
    served.sweep_after(9)
    plain.sendall(GET)
    served.sweep_after(2)
    assert is_over(plain), "a byte now and then does not help"


def test_slow_headers_are_cut_off_also_in_a_later_request(served: ServedSite, plain: socket.socket) -> None:
    request_health(plain)
    until(lambda: stage(served) is Stage.IDLE)
    served.sweep_after(29)
    plain.sendall(GET)
    until(lambda: stage(served) is Stage.HEADERS)
    served.sweep_after(9)
    assert stage(served) is Stage.HEADERS, "the deadline counts from the first byte of the request"
    served.sweep_after(2)
    assert is_over(plain)


def test_slow_body_is_cut_off_and_is_not_a_fault_of_ours(
    served: ServedSite, plain: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    plain.sendall(head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=")
    until(lambda: stage(served) is Stage.BODY)
    for _ in range(29):
        served.sweep_after(1)
        plain.sendall(b"x")
    served.sweep_after(2)
    assert is_over(plain)
    until(lambda: not served.listener.connections)
    assert caplog.records == []


def test_used_connection_stays(served: ServedSite) -> None:
    client = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    client.connect()
    for _ in range(5):
        client.request("GET", "/healthz")
        assert client.getresponse().read() == b"ok\n"
        until(lambda: stage(served) is Stage.IDLE)
        served.sweep_after(29)
    assert served.listener.refused == 0
    client.close()


def test_page_comes_within_a_second_behind_600_idle_connections(served: ServedSite) -> None:
    """Also from the same address: the connection that waited longest gives way."""
    admin = served.signed_in()
    with ExitStack() as idle:
        for _ in range(600):
            idle.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=60))
        until(lambda: len(served.listener.connections) + served.listener.refused >= 600)
        assert len(served.listener.connections) <= 500
        began = time.monotonic()
        assert admin.get("/people").status == 200
        assert time.monotonic() - began < LONGEST_PAGE_S


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "door.pem", folder / "door.key"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


def test_tls_handshake_has_the_deadline_of_the_headers(tmp_path: Path) -> None:
    with opened_site(tmp_path / "data") as site:
        file, key = certificate(tmp_path)
        web = replace(site.config.web, tls_certificate=file, tls_key=key)
        site.config = replace(site.config, web=web)
        with ServedSite(site, tls=True) as served:
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            silent = socket.create_connection(("127.0.0.1", served.port), timeout=60)
            until(lambda: len(served.listener.connections) == 1)
            served.sweep_after(9)
            plain = socket.create_connection(("127.0.0.1", served.port), timeout=60)
            with trusting.wrap_socket(plain, server_hostname="door") as client:
                request_health(client)
                served.sweep_after(2)
                assert is_over(silent)
                silent.close()
                request_health(client)
