"""Takes requests to the registrar's process by its socket, from any number of threads."""

import contextlib
import json
import math
import os
import queue
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from controller.errors import BadRequest, RegistrarUnavailable, RegistrarWithoutKey
from controller.registry.card_hash import is_key_missing, key_file
from controller.services.requests.request import Request
from controller.services.requests.sockets import LONGEST_LINE, connect
from controller.services.requests.wire import decode_answer, encode_request

if TYPE_CHECKING:
    from controller.services.acting import Acting

R = TypeVar("R")
_CONNECT_S = 2.0
_MOST_IDLE = 12  # connections kept for the next requests


class SocketLink:
    """Threads may share it. `file` is the socket; no answer is awaited for longer than `most_s`."""

    def __init__(self, file: Path, most_s: float = math.inf) -> None:
        self._file, self._most_s = file, most_s
        self._idle: queue.LifoQueue[socket.socket] = queue.LifoQueue(_MOST_IDLE)

    def send(self, acting: "Acting", request: Request[R], body: bytes = b"") -> R:
        message = encode_request(request, acting.token, acting.password)
        line = (
            json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        )
        if len(line) > LONGEST_LINE:
            raise BadRequest(f"The request has {len(line)} bytes; {LONGEST_LINE} are the most.")
        answer = self._exchange(line, body, min(request.answered_within_s, self._most_s))
        return decode_answer(type(request), answer)

    def is_answered(self) -> bool:
        """Whether a registrar listens."""
        try:
            self._keep(connect(self._file, _CONNECT_S))
        except OSError:
            return False
        return True

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _exchange(self, line: bytes, body: bytes, within: float) -> dict[str, Any]:
        connection = self._connection()
        try:
            connection.settimeout(within)
            with contextlib.suppress(BrokenPipeError):  # one that refuses a connection says why, and closes
                _send(connection, line, body)
            answer: dict[str, Any] = json.loads(_receive(connection, time.monotonic() + within))
        except (OSError, ValueError) as error:
            connection.close()
            raise RegistrarUnavailable(
                f"The registrar did not answer in {within:.0f} s, or ended; the change may or may not have "
                "been carried out: see the changes before you try again."
            ) from error
        except BaseException:
            connection.close()
            raise
        if "error" in answer:
            connection.close()  # the registrar may be about to close it
        else:
            self._keep(connection)
        return answer

    def _connection(self) -> socket.socket:
        """A kept one if its other end is still there; before the first byte, a new one loses nothing."""
        while not self._idle.empty():
            try:
                kept = self._idle.get_nowait()
            except queue.Empty:
                break
            if _is_open(kept):
                return kept
            kept.close()
        try:
            return connect(self._file, _CONNECT_S)
        except OSError as error:
            keys = self._file.parents[1] / "keys"
            if is_key_missing(keys):
                raise RegistrarWithoutKey(
                    f"The registrar cannot start: {key_file(keys)} is missing; put it back from a backup, "
                    "then start the registrar with `systemctl start genkan-registrar`, or everything with "
                    "`genkan run`."
                ) from error
            raise RegistrarUnavailable(
                f"The registrar does not run ({self._file}: {error.strerror}); start it with "
                "`systemctl start genkan-registrar`, or everything with `genkan run`."
            ) from error

    def _keep(self, connection: socket.socket) -> None:
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()


def _is_open(connection: socket.socket) -> bool:
    """Whether the other end is there: nothing can be read before a question, not even the end."""
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _send(connection: socket.socket, line: bytes, body: bytes) -> None:
    """The body travels as a file in memory, whose descriptor comes with the line's first byte."""
    if not body:
        connection.sendall(line)
        return
    file = os.memfd_create("genkan-body", os.MFD_CLOEXEC)
    try:
        with open(file, "wb", closefd=False) as writer:
            writer.write(body)
        sent = socket.send_fds(connection, [line], [file])
        connection.sendall(line[sent:])
    finally:
        os.close(file)


def _receive(connection: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        received += piece
    return bytes(received)
