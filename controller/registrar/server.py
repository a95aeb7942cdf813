"""Listens at the registrar's two sockets: a thread for each connection, and a limit for everything."""

import contextlib
import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.errors import N_, BadRequest, Busy, GenkanError, InstallerError, RegistrarFault, Throttled
from controller.model.operators import MACHINE
from controller.registrar.dispatch import Dispatcher
from controller.registrar.lines import RequestReader, read_body
from controller.services.data_folder.owners import owners_of
from controller.services.request_table import KINDS
from controller.services.requests.request import RequestWithBody
from controller.services.requests.sockets import machine_socket, short_address, web_socket
from controller.services.requests.wire import encode_error
from controller.services.site import Site

log = logging.getLogger(__name__)
MOST_WEB = 32
MOST_MACHINE = 8
MOST_LINES = 1000  # from one connection in a second
_ANSWER_S = 2.0  # for a client to take its answer
ENDING_S = 3.0  # for each of the two listeners, the requests under way and the connections
_CREDENTIALS = struct.Struct("3i")  # SO_PEERCRED: process, user, group


@dataclass(frozen=True, slots=True)
class Entrance:
    """A socket: at most `most` connections, each of a process of one of `owners`."""

    file: Path
    mode: int
    most: int
    owners: frozenset[int]
    is_machine: bool


class RegistrarServer:
    """`start` listens, `end` answers what is under way and stops."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._dispatcher = Dispatcher(site)
        self._one_body = threading.Semaphore()  # files are large: one in memory at a time
        self._ending = threading.Event()
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._connections: set[socket.socket] = set()
        self._refused: set[int] = set()  # owners of processes; the service's log names each once
        self._busy = 0
        self._changed = threading.Condition()

    def start(self) -> None:
        config = self._site.config
        owners = owners_of(config.data, config.site.demo)
        ours = frozenset({0, os.geteuid()})
        webs = ours if owners is None else ours | {owners.web}
        for entrance in (
            Entrance(web_socket(config.data), 0o660, MOST_WEB, webs, is_machine=False),
            Entrance(machine_socket(config.data), 0o600, MOST_MACHINE, ours, is_machine=True),
        ):
            listener = _listen(entrance.file, entrance.mode)
            self._listeners.append(listener)
            thread = threading.Thread(
                target=self._accept, args=(listener, entrance), name=entrance.file.name, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    @property
    def is_alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def end(self) -> None:
        self._ending.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
        for thread in self._threads:
            thread.join(ENDING_S)
        for listener in self._listeners:
            listener.close()
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, ENDING_S)
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, ENDING_S)

    def _accept(self, listener: socket.socket, entrance: Entrance) -> None:
        slots = threading.Semaphore(entrance.most)
        while not self._ending.is_set():
            try:
                connection, _ = listener.accept()
            except OSError as error:
                if self._ending.is_set():
                    return
                log.warning("a connection could not be accepted: %s", error.strerror)
                time.sleep(0.1)  # no descriptors left, for example
                continue
            process, owner, _ = _peer(connection)
            if owner not in entrance.owners:
                _refuse(connection, self._refusal(entrance, process, owner))
            elif not slots.acquire(blocking=False):
                _refuse(connection, Busy(f"The registrar has {entrance.most} connections; try again."))
            else:
                threading.Thread(
                    target=self._serve, args=(connection, slots.release, entrance.is_machine), daemon=True
                ).start()

    def _refusal(self, entrance: Entrance, process: int, owner: int) -> InstallerError:
        remedy = (
            "run the command as root: put `sudo` in front of it"
            if entrance.is_machine
            else "if it is the web service, run `genkan init` as root and restart the services"
        )
        refusal = InstallerError(f"Process {process} of uid {owner} may not use {entrance.file}; {remedy}.")
        if owner not in self._refused:
            self._refused.add(owner)
            log.warning("%s", refusal)
        return refusal

    def _serve(self, connection: socket.socket, leave: Callable[[], None], is_machine: bool) -> None:
        with self._changed:
            self._connections.add(connection)
        reader = RequestReader(connection)
        try:
            self._answer_lines(connection, reader, is_machine)
        except OSError:
            pass  # the client has gone
        except BadRequest as error:
            log.warning("from process %s: %s", _peer(connection)[0], error)
            with contextlib.suppress(OSError):
                _answer(connection, encode_error(error))
        finally:
            reader.close_file()
            connection.close()
            leave()
            with self._changed:
                self._connections.discard(connection)
                self._changed.notify_all()

    def _answer_lines(self, connection: socket.socket, reader: RequestReader, is_machine: bool) -> None:
        second, count = 0.0, 0
        while not self._ending.is_set() and (line := reader.next_line()) is not None:
            now = time.monotonic()
            if now - second >= 1:
                second, count = now, 0
            count += 1
            if count > MOST_LINES:
                log.warning(
                    "process %s sends more than %d requests a second", _peer(connection)[0], MOST_LINES
                )
                refusal = Throttled(N_("Too many requests; try again in {seconds} s."), seconds=1)
                _answer(connection, encode_error(refusal))
                return
            with self._changed:
                self._busy += 1
            try:
                answer = self._answer_one(line, reader, is_machine)
                _answer(connection, answer)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()
            if answer.get("error", {}).get("classes", [""])[0] == BadRequest.__name__:
                return

    def _answer_one(self, line: bytes, reader: RequestReader, is_machine: bool) -> dict[str, Any]:
        kind = ""
        try:
            plain = _parsed(line)
            kind = str(plain.get("kind", ""))[:64]
            trusted = self._site.acting(MACHINE) if is_machine else None
            if reader.file is None:
                return self._dispatcher.answer(plain, trusted=trusted)
            request = KINDS.get(kind)
            most = request.body_most if request is not None and issubclass(request, RequestWithBody) else 0
            with self._one_body:
                return self._dispatcher.answer(plain, read_body(reader.file, most), trusted)
        except GenkanError as error:
            return encode_error(error)
        except Exception:
            log.exception("the request %r failed", kind)  # never its fields
            return encode_error(RegistrarFault("The registrar failed at this request; nothing was changed."))
        finally:
            reader.close_file()


def _listen(file: Path, mode: int) -> socket.socket:
    """The caller holds the registrar's lock, so a socket that is there is a dead process's."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        file.unlink(missing_ok=True)
        with short_address(file) as address:
            before = os.umask(0o777 & ~mode)
            try:
                listener.bind(address)
            finally:
                os.umask(before)
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise InstallerError(
            f"{file} cannot be created ({error.strerror}); its folder must belong to the registrar's user."
        ) from error
    return listener


def _peer(connection: socket.socket) -> tuple[int, int, int]:
    try:
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return 0, -1, -1
    process, owner, group = _CREDENTIALS.unpack(found)
    return process, owner, group


def _refuse(connection: socket.socket, error: GenkanError) -> None:
    """Answer and close."""
    with connection, contextlib.suppress(OSError):
        _answer(connection, encode_error(error))


def _answer(connection: socket.socket, answer: dict[str, Any]) -> None:
    line = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
    connection.settimeout(_ANSWER_S)
    connection.sendall(line)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(line, parse_constant=_refuse_constant)
        if isinstance(plain, dict):
            return plain
    except (ValueError, RecursionError):
        pass
    raise BadRequest("The request is not a line with a JSON object.")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
