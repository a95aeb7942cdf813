"""One request is one line, at most 64 KiB, with at most one file beside it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import BadInput, BadRequest, GenkanError
from controller.registrar import lines
from controller.registrar.lines import RequestReader, read_body
from controller.services.requests.sockets import LONGEST_LINE

Pair = tuple[socket.socket, RequestReader]


@pytest.fixture
def pair() -> Iterator[Pair]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with near, far:
        near.settimeout(10)
        reader = RequestReader(far)
        yield near, reader
        reader.close_file()


def test_lines_arrive_one_by_one_however_they_are_cut(pair: Pair) -> None:
    near, reader = pair
    near.sendall(b'{"a"')
    near.sendall(b':1}\n{"b":2}\n{"c"')
    assert (reader.next_line(), reader.next_line()) == (b'{"a":1}', b'{"b":2}')
    near.sendall(b":3}\n")
    near.shutdown(socket.SHUT_WR)
    assert (reader.next_line(), reader.next_line()) == (b'{"c":3}', None)


def test_longest_line_is_read_and_one_byte_more_is_refused(pair: Pair) -> None:
    near, reader = pair
    near.sendall(b"x" * (LONGEST_LINE - 1) + b"\n")
    assert len(reader.next_line() or b"") == LONGEST_LINE - 1
    near.sendall(b"x" * LONGEST_LINE + b"\n")
    with pytest.raises(BadRequest, match="longer than 65536 bytes"):
        reader.next_line()


def test_line_without_an_end_is_refused(pair: Pair) -> None:
    near, reader = pair
    near.sendall(b'{"v":1,')
    near.shutdown(socket.SHUT_WR)
    with pytest.raises(BadRequest, match="ended in the middle of a request"):
        reader.next_line()


def test_line_whose_rest_does_not_come_is_refused(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINE_S", 0.0)
    near, reader = pair
    near.sendall(b'{"v":1,')
    with pytest.raises(BadRequest, match="The rest of the request did not come"):
        reader.next_line()


def test_connection_without_requests_ends(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "IDLE_S", 0.0)
    _, reader = pair
    assert reader.next_line() is None


def test_file_comes_with_its_line(pair: Pair, tmp_path: Path) -> None:
    near, reader = pair
    (tmp_path / "badges.csv").write_bytes(b"name,idm\n")
    with (tmp_path / "badges.csv").open("rb") as file:
        socket.send_fds(near, [b"{}\n"], [file.fileno()])
    assert reader.next_line() == b"{}"
    assert reader.file is not None
    assert read_body(reader.file, 100) == b"name,idm\n"
    reader.close_file()
    assert reader.file is None


@pytest.mark.parametrize("count", [2, 3, 20])
def test_several_files_with_a_line_are_refused_and_closed(pair: Pair, count: int) -> None:
    near, reader = pair
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    socket.send_fds(near, [b"{}\n"], [near.fileno()] * count)
    with pytest.raises(BadRequest, match="one file only"):
        reader.next_line()
    reader.close_file()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_file_between_two_lines_is_refused(pair: Pair) -> None:
    near, reader = pair
    socket.send_fds(near, [b"{}\n{}\n"], [near.fileno()])
    with pytest.raises(BadRequest, match="one at a time"):
        reader.next_line()


def test_body_must_be_a_regular_file_within_its_limit(tmp_path: Path) -> None:
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 2_000_001)
    os.mkfifo(tmp_path / "pipe")
    cases: tuple[tuple[str, int, type[GenkanError], str], ...] = (
        ("large", 2_000_000, BadInput, "larger than 2 MB; split it"),
        ("large", 0, BadRequest, "takes no file"),
        ("pipe", 2_000_000, BadRequest, "not a regular file"),
    )
    for name, most, refusal, why in cases:
        descriptor = os.open(tmp_path / name, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with pytest.raises(refusal, match=why):
                read_body(descriptor, most)
        finally:
            os.close(descriptor)
