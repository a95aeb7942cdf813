"""Lines from one connection: their length, how long one may take, and the file that may come with one."""

import os
import socket
import stat
import sys
import time

from controller.errors import N_, BadInput, BadRequest
from controller.services.requests.sockets import LONGEST_LINE

LINE_S = 10.0  # from the first byte of a line to its end
IDLE_S = 120.0


class RequestReader:
    """`file` is the descriptor that came with the last line; the caller closes it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self.file: int | None = None

    def next_line(self) -> bytes | None:
        """The next line without its end; None at the end of the connection.

        Raise BadRequest for one that is too long, unfinished or came with several files.
        """
        deadline = time.monotonic() + (LINE_S if self._buffer else IDLE_S)
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) >= LONGEST_LINE:
                raise _too_long()
            was_empty = not self._buffer
            if not self._receive(deadline):
                return None
            if was_empty:
                deadline = time.monotonic() + LINE_S
        if end >= LONGEST_LINE:
            raise _too_long()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if self.file is not None and self._buffer:
            raise BadRequest("A request with a file came together with another one; send one at a time.")
        return line

    def _receive(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            piece, ancillary, flags, _ = self._connection.recvmsg(
                LONGEST_LINE, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC
            )
        except TimeoutError:
            if not self._buffer:
                return False
            raise BadRequest(f"The rest of the request did not come within {LINE_S:.0f} s.") from None
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                self._keep_file(data, is_cut=bool(flags & socket.MSG_CTRUNC))
        if not piece and self._buffer:
            raise BadRequest("The connection ended in the middle of a request.")
        self._buffer += piece
        return bool(piece)

    def _keep_file(self, data: bytes, is_cut: bool) -> None:
        descriptors = [int.from_bytes(data[at : at + 4], sys.byteorder) for at in range(0, len(data) - 3, 4)]
        if is_cut or self.file is not None or len(descriptors) != 1:
            for descriptor in descriptors:
                os.close(descriptor)
            raise BadRequest("A request may come with one file only.")
        self.file = descriptors[0]

    def close_file(self) -> None:
        descriptor, self.file = self.file, None
        if descriptor is not None:
            os.close(descriptor)


def _too_long() -> BadRequest:
    return BadRequest(f"The request is longer than {LONGEST_LINE} bytes; send its file by descriptor.")


def refuse_large(size: int, most: int) -> None:
    """Raise BadInput for a file above the `most` bytes of its request, BadRequest where it takes no file."""
    if 0 < most < size:
        raise BadInput("file", N_("The file is larger than {most} MB; split it."), most=most // 1_000_000)
    if size > most:
        raise BadRequest(f"The request takes no file; one of {size} bytes came with it.")


def read_body(descriptor: int, most: int) -> bytes:
    """Raise BadRequest for anything but a regular file, BadInput for one of more than `most` bytes."""
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        raise BadRequest("What came with the request is not a regular file.")
    refuse_large(about.st_size, most)
    body = os.pread(descriptor, about.st_size, 0)
    if len(body) != about.st_size:
        raise BadRequest("The file changed while the registrar read it; send it again.")
    return body
