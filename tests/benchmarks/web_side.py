"""A real web service and its registrar on a data folder, and somebody signed in to it."""

import contextlib
import http.client
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from controller.config import load
from controller.runtime.clock import Clock
from controller.services.operators import sign_in
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import web_socket
from controller.services.site import Site
from tests.benchmarks import units
from tests.ports import free_port
from tests.waiting import until

_PASSWORD = "correct horse battery staple"


class Web:
    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.port, self.process = folder, port, process
        self.cookie = ""

    def request(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        with contextlib.closing(self.connect()) as line:
            return self.over_http(line, method, path, body, kind)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def over_http(
        self,
        line: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "application/x-www-form-urlencoded",
    ) -> bytes:
        headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}", "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = kind
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and "session" in value:
                self.cookie = value.split(";")[0]
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        return text

    def form(self, path: str, **fields: str) -> bytes:
        return self.request(
            "POST", path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        )

    def publish(self, csv: bytes) -> None:
        """The page's import: check, then publish."""
        edge = "----edge"
        body = (
            (
                f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="badges.csv"\r\n'
                "Content-Type: text/csv\r\n\r\n"
            ).encode()
            + csv
            + f"\r\n--{edge}--\r\n".encode()
        )
        page = self.request("POST", "/import", body, f"multipart/form-data; boundary={edge}").decode()
        found = re.search(r"/import/([^/\"]+)/publish", page)
        if found is None:
            raise SystemExit("the import page offers nothing to publish")
        self.form(f"/import/{found.group(1)}/publish")


@contextlib.contextmanager
def running_web(folder: Path) -> Iterator[Web]:
    config = load(folder / "genkan.toml")
    now = Clock().now
    with Site.open(config, now) as site:
        code = sign_in.new_set_up_code(site, now())
    port = free_port()
    program = [sys.executable, "-m", "controller.main"]
    registrar = subprocess.Popen(
        [*program, "registrar", "--config", str(config.file)],
        preexec_fn=units.joining("genkan-registrar.service"),
    )
    process = subprocess.Popen(
        [*program, "web", "--config", str(config.file), "--port", str(port)],
        preexec_fn=units.joining("genkan-web.service"),
    )
    try:
        web = Web(folder, port, process)
        _until_it_answers(web)
        until(SocketLink(web_socket(config.data)).is_answered, 30, "the registrar listens")
        if code is not None:
            web.form(
                "/set-up",
                code=code,
                name="bench",
                display_name="bench",
                language="en",
                password=_PASSWORD,
                password_again=_PASSWORD,
            )
        else:
            web.form("/sign-in", name="bench", password=_PASSWORD)
        if not web.cookie:
            raise SystemExit("the benchmark could not sign in")
        yield web
    finally:
        for service in (process, registrar):
            service.terminate()
        for service in (process, registrar):
            service.wait(30)


def _until_it_answers(web: Web) -> None:
    def answers() -> bool:
        try:
            web.request("GET", "/healthz")
        except OSError:
            return False
        return True

    until(answers, 30, "the web service answers")
