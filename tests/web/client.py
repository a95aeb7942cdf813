"""A small browser without script: cookies, forms, and the headers every browser sends."""

import http.client
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

Fields = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if values else None

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key.lower() == "set-cookie"]

    @property
    def to(self) -> str:
        return self.header("location") or ""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def words(self) -> str:
        """What is read on the page: no tags, single spaces."""
        plain = re.sub(r"(?s)<(script|style|head).*?</\1>|<[^>]+>", " ", self.text)
        return re.sub(r"\s+", " ", plain)

    def json(self) -> Any:
        return json.loads(self.body)

    def ids(self, pattern: str) -> list[str]:
        """Ids in links such as /people/ID, in their order on the page, each once."""
        return list(dict.fromkeys(re.findall(pattern, self.text)))


class Client:
    def __init__(self, port: int) -> None:
        self.port = port
        self.own_password = ""  # once signed in, each form is sent with it
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(
        self, path: str, fields: Fields | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        confirmed = {"own_password": self.own_password} if self.own_password else {}
        body = urlencode(confirmed | dict(fields or {}), doseq=True, errors="surrogatepass").encode()
        form = {"Content-Type": "application/x-www-form-urlencoded", **self.own_page()}
        answer = self.request("POST", path, body, form | dict(headers or {}))
        if path.startswith(("/sign-in", "/set-up")) and answer.status == 303:
            self.own_password = str((fields or {}).get("password", ""))
        return answer

    def upload(self, path: str, content: bytes, name: str = "badges.csv") -> Answer:
        edge = secrets.token_hex(16)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}".encode()
        if self.own_password:
            own = 'Content-Disposition: form-data; name="own_password"'
            body += f"\r\n{own}\r\n\r\n{self.own_password}\r\n--{edge}".encode()
        body += b"--\r\n"
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self.request("POST", path, body, kind | self.own_page())

    def own_page(self) -> dict[str, str]:
        return {"Sec-Fetch-Site": "same-origin", "Origin": f"http://127.0.0.1:{self.port}"}

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The client does not follow redirects: tests check their targets."""
        sent = dict(headers or {})
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host="Host" in sent, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in sent:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()
        for line in answer.cookies:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer
