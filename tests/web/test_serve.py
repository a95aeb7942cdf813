"""The web service as a process: how it fails to start, and that it stops with a page open."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.services.requests.link import Direct
from tests.benchmarks.measure import proc_status
from tests.ports import free_port
from tests.sample_site import NOW, opened_site
from tests.waiting import until
from tests.web.client import Client
from tests.web.site import ServedSite
from web.serve import serve

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from controller.config import load
from controller.registrar.dispatch import Dispatcher, LocalLink
from controller.services.site import Site
from tests.sample_site import NOW
from web.serve import serve

config = load(Path(sys.argv[1]))
link = LocalLink(Dispatcher(Site.open(config, lambda: NOW)))
serve(replace(config, web=replace(config.web, port=int(sys.argv[2]))), lambda: NOW, link)
"""


def test_port_in_use_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    with opened_site(tmp_path / "data") as site, socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        config = replace(site.config, web=replace(site.config.web, port=port))
        with pytest.raises(InstallerError, match=rf"127\.0\.0\.1 port {port} .* set another port") as caught:
            serve(config, lambda: NOW, Direct())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_tls_files_that_cannot_be_used_are_named(tmp_path: Path, content: bytes | None) -> None:
    with opened_site(tmp_path / "data") as site:
        certificate, key = tmp_path / "door.pem", tmp_path / "door.key"
        if content is not None:
            certificate.write_bytes(content)
            key.write_bytes(content)
        web = replace(site.config.web, port=1, tls_certificate=certificate, tls_key=key)
        with pytest.raises(InstallerError, match=r"door\.pem and .*door\.key cannot be used for TLS"):
            serve(replace(site.config, web=web), lambda: NOW, Direct())


def class_of_threads(process: int) -> set[int]:
    return {os.sched_getscheduler(int(thread.name)) for thread in Path(f"/proc/{process}/task").iterdir()}


@pytest.mark.process
@pytest.mark.pythons
def test_service_reports_to_systemd_leaves_the_idle_class_for_a_request_and_stops_with_open_streams(
    tmp_path: Path,
) -> None:
    """In a process of its own: signals, priority and frozen memory belong to a process."""
    with opened_site(tmp_path / "data") as site, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        with ServedSite(site) as served:
            served.set_up()
            token = served.signed_in().cookies
        port = free_port()
        command = [sys.executable, "-c", PROGRAM, str(site.config.file), str(port)]
        environment = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        child = subprocess.Popen(command, cwd=Path(__file__).parents[2], env=environment)
        try:
            client = Client(port)
            client.cookies = token

            def answers() -> bool:
                try:
                    return client.get("/healthz").status == 200
                except OSError:
                    return False

            assert systemd.recv(100) == b"READY=1"
            assert answers()
            rest = os.SCHED_IDLE if os.geteuid() == 0 else next(iter(class_of_threads(child.pid)))
            until(lambda: class_of_threads(child.pid) == {rest})
            until(lambda: proc_status(child.pid, "RssFile") < 12, what="code of the start is given back, MB")
            request = socket.create_connection(("127.0.0.1", port), timeout=60)
            head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n"
            body = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\nname="
            request.sendall((head + body).encode())
            until(lambda: class_of_threads(child.pid) == {os.SCHED_OTHER})
            request.sendall(b"x")
            assert request.recv(100).startswith(b"HTTP/1.1 422 ")
            request.close()
            until(lambda: class_of_threads(child.pid) == {rest})
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            cookie = "; ".join(f"{name}={value}" for name, value in token.items())
            connection.request("GET", "/log/live", headers={"Cookie": cookie})
            stream = connection.getresponse()
            assert stream.status == 200
            child.terminate()
            with contextlib.suppress(http.client.IncompleteRead):  # a stream cut short
                stream.read()
            assert child.wait(60) in (0, -15)
            while (report := systemd.recv(100)) == b"WATCHDOG=1":
                pass
            assert report == b"STOPPING=1"
        finally:
            child.kill()
            child.wait()
