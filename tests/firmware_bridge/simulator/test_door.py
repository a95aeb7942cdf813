import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.simulator.door import REX_SECONDS, VirtualDoorServer, key_in, request, state
from tests.waiting import until

Changes = list[tuple[str, bool]]


class Door:
    def __init__(self, folder: Path) -> None:
        self.changes: Changes = []
        self.server = VirtualDoorServer(folder, lambda name, active: self.changes.append((name, active)))
        self.server.start()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.server.stop()


@pytest.mark.parametrize(
    ("do", "change"),
    [
        ("open", ("contact", True)),
        ("close", ("contact", False)),
        ("fire on", ("fire", True)),
        ("fire off", ("fire", False)),
        ("rex", ("rex", True)),
        ("rex on", ("rex", True)),
        ("rex off", ("rex", False)),
    ],
)
def test_request_has_reached_the_input_when_it_returns(
    door: Door, tmp_path: Path, do: str, change: tuple[str, bool]
) -> None:
    del door.changes[:]
    request(tmp_path, do)
    assert door.changes[0] == change


def test_rex_button_releases_itself(tmp_path: Path) -> None:
    seconds = 0.0
    changes: Changes = []
    server = VirtualDoorServer(tmp_path, lambda name, active: changes.append((name, active)), lambda: seconds)
    server.start()
    request(tmp_path, "rex")
    assert changes[-1] == ("rex", True)
    seconds = REX_SECONDS
    until(lambda: changes[-1] == ("rex", False))
    server.stop()


def test_rex_button_that_is_held_does_not_release_itself(door: Door, tmp_path: Path) -> None:
    request(tmp_path, "rex")
    request(tmp_path, "rex on")
    assert door.server._until_rex_ends() is None
    request(tmp_path, "rex off")
    assert door.changes[-1] == ("rex", False)


def test_door_left_open_is_open_after_a_restart(tmp_path: Path) -> None:
    first = Door(tmp_path)
    assert first.changes == [("contact", False), ("fire", False)]
    request(tmp_path, "open")
    request(tmp_path, "fire on")
    first.server.stop()
    assert state(tmp_path) == {"contact": True, "fire": True}
    second = Door(tmp_path)
    assert second.changes == [("contact", True), ("fire", True)]
    second.server.stop()


def test_socket_left_by_a_killed_process_does_not_hinder_the_next(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "door.sock"))
    door = Door(tmp_path)
    request(tmp_path, "open")
    door.server.stop()


def test_folder_too_deep_for_a_socket_path_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    door = Door(deep)
    request(deep, "open")
    assert ("contact", True) in door.changes
    door.server.stop()
    assert not (deep / "door.sock").exists()


def test_unknown_request_is_refused_with_the_words_that_are_known(door: Door, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'blow up' cannot be done to a door; write one of: open, close"):
        request(tmp_path, "blow up")


def test_request_without_a_door_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No virtual door answers in .*genkan run` on the same"):
        request(tmp_path, "open")
    with pytest.raises(OSError, match="No virtual door answers"):
        request(tmp_path / "missing", "open")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"[]\n",
        b'{"do":["open"]}\n',
        b'{"do":"pin 17 high"}\n',
        b"\xff" * 5000,
        b"[" * 1000 + b"\n",
    ],
)
def test_nonsense_on_the_socket_changes_nothing_and_the_door_goes_on(
    door: Door, tmp_path: Path, line: bytes
) -> None:
    before = list(door.changes)
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(os.path.relpath(tmp_path / "door.sock"))
        caller.sendall(line)
        caller.shutdown(socket.SHUT_WR)
        assert b"The virtual door understands" in caller.recv(1024) or len(line) > 1024
    assert door.changes == before
    request(tmp_path, "open")


def test_caller_that_says_nothing_does_not_hold_the_door_up(door: Door, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(os.path.relpath(tmp_path / "door.sock"))
        request(tmp_path, "open")
        assert ("contact", True) in door.changes


@pytest.mark.parametrize("stored", [b"", b"[]", b'{"contact":1}', b'{"contact":"yes","fire":null}', b"\xff"])
def test_damaged_state_is_a_door_at_rest(tmp_path: Path, stored: bytes) -> None:
    (tmp_path / "state.json").write_bytes(stored)
    assert state(tmp_path) == {"contact": False, "fire": False}


@pytest.mark.parametrize(("do", "change"), [("open", ("contact", True)), ("fire on", ("fire", True))])
def test_input_is_driven_though_the_state_cannot_be_written(
    door: Door, tmp_path: Path, do: str, change: tuple[str, bool]
) -> None:
    (tmp_path / "state.json.new").mkdir()
    with pytest.raises(ValueError, match=rf"'{do}' is done, but a restart will not know of it \(Is a dir"):
        request(tmp_path, do)
    assert door.changes[-1] == change
    request(tmp_path, "rex")
    assert door.changes[-1] == ("rex", True)
    (tmp_path / "state.json.new").rmdir()
    request(tmp_path, "close")
    assert state(tmp_path) == {"contact": False, "fire": do == "fire on"}


def test_keys_pressed_beside_a_reader_are_handed_on_with_its_answer(tmp_path: Path) -> None:
    keyed: list[tuple[str, str]] = []

    def receive(reader: str, digits: str) -> str | None:
        keyed.append((reader, digits))
        return None if reader == "a" else "There is no such reader."

    server = VirtualDoorServer(tmp_path, lambda name, active: None, key_in=receive)
    server.start()
    key_in(tmp_path, "a", "2048")
    with pytest.raises(ValueError, match="no such reader"):
        key_in(tmp_path, "b", "2048")
    server.stop()
    assert keyed == [("a", "2048"), ("b", "2048")]
    assert not any(b"2048" in file.read_bytes() for file in tmp_path.iterdir())


def test_door_without_a_keypad_says_so(door: Door, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no keypad"):
        key_in(tmp_path, "a", "2048")
