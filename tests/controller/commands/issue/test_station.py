"""`genkan issue` at the station, with a virtual card on nfcpy's own UDP device."""

import contextlib
import os
import socket
from pathlib import Path

import pytest

from controller.issuing.issue_file import LARGEST, parse
from controller.issuing.station import FILE, open_station
from controller.issuing.wrapping import DoorPrivateKey
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.card_file import new_card
from firmware_bridge.simulator.faces import Face, FelicaFace
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory
from tests.controller.commands.command import Answer, done, genkan, refused, sentence
from tests.controller.issuing.quick_station import cost, quick_station, quicken
from tests.firmware_bridge.nfc.field import held
from tests.ports import free_port
from tests.waiting import until

IDM = bytes.fromhex("012E4CD1A5C0FFEE")
DOOR = DoorPrivateKey(os.urandom(32))
PASSPHRASE = "a long passphrase"


class Desk:
    """A station's folder, its passphrase, a door's public key, and a virtual reader."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.station, self.out = folder, folder / "station", folder / "keys.jsonl"
        (folder / "passphrase").write_text(PASSPHRASE + "\n")
        (folder / "door.txt").write_text(DOOR.public.text)
        self.address = "127.0.0.1", free_port(socket.SOCK_DGRAM)

    def genkan(self, word: str, *arguments: str | Path):
        options = ("--station", self.station, "--passphrase-file", self.folder / "passphrase")
        return genkan("issue", word, *options, *arguments)

    def card(self, *arguments: str | Path):
        return self.genkan(
            "card", "--reader", self.reader, "--for", self.folder / "door.txt", "--out", self.out, *arguments
        )

    def issued(self, *arguments: str | Path) -> str:
        """Where the machine is too busy the card counts as pulled away: then again, as the sentence says."""
        for _ in range(20):
            answer = self.card("--wait", "60", *arguments)
            if "run this again" not in answer.err:
                break
        return done(answer).text

    @property
    def id(self) -> str:
        return open_station(self.station, PASSPHRASE).id

    @property
    def reader(self) -> str:
        return f"udp:127.0.0.1:{self.address[1]}"

    def held(self, face: Face) -> contextlib.AbstractContextManager[None]:
        return held(VirtualCard(self.address, face, away_seconds=0.0))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    quick_station(desk.station, PASSPHRASE, demo=True)
    return desk


def test_station_is_created_once_and_costs_a_thief_a_second_for_each_passphrase(tmp_path: Path) -> None:
    """Absolute: 2^17 KiB of scrypt. age measures what a second buys; where this machine was busy, again."""
    costs: list[int] = []
    for number in range(5):
        (tmp_path / f"{number}").mkdir()
        desk = Desk(tmp_path / f"{number}")
        done(desk.genkan("init", "--demo"))
        costs.append(cost((desk.station / FILE).read_bytes()))
        if costs[-1] >= 17:
            break
    assert costs[-1] >= 17, costs
    assert open_station(desk.station, PASSPHRASE).demo
    assert desk.genkan("init").status == 1
    assert [file.name for file in desk.station.iterdir()] == [FILE]


def test_card_gets_its_key_is_rotated_and_the_file_tells_both(desk: Desk) -> None:
    face = LiteSFace(LiteSMemory(IDM))
    with desk.held(face):
        output = desk.issued("--bought", "2024")
    assert "now locked with key version 1 and proved" in output and "Card …FFEE: " in output
    assert IDM.hex().upper() not in output
    done(desk.genkan("rotate"))
    quicken(desk.station, PASSPHRASE)
    face.power_up()
    with desk.held(face):
        assert "locked with key version 1, now locked with key version 2" in desk.issued()
    lines = [parse(line) for line in desk.out.read_bytes().splitlines()]
    assert [(line.version, line.bought, line.chip) for line in lines] == [
        (1, 2024, "00f1"),
        (2, None, "00f1"),
    ]
    keys = {DOOR.unwrap(line.number, line.version, line.wrapped) for line in lines}
    assert len(keys) == 2
    output = done(desk.genkan("check", "--out", desk.out)).text
    assert "master keys 1, 2" in output and "1 card with key version 2" in output
    assert "1 chips may be from before 2018: …FFEE" in output


def test_check_says_the_state_of_a_card_and_changes_nothing(desk: Desk) -> None:
    face = LiteSFace(LiteSMemory(IDM))
    before = dict(face.memory.blocks)
    with desk.held(face):
        output = until(
            lambda: desk.genkan("check", "--reader", desk.reader, "--wait", "60").text.splitlines()[3:]
        )
    assert "Card …FFEE: as it was sold." in output[0] and face.memory.blocks == before


def test_damaged_line_is_reported_by_check(desk: Desk) -> None:
    desk.out.write_bytes(b'{"format"')
    answer = desk.genkan("check", "--out", desk.out)
    assert answer.status == 1 and "keys.jsonl:1: This line is incomplete" in answer.err


def test_card_that_is_not_a_lite_s_is_refused_and_no_line_written(desk: Desk) -> None:
    with desk.held(FelicaFace(IDM.hex())):
        assert "not a FeliCa Lite-S" in desk.card("--wait", "60").err
    assert not desk.out.exists()


def test_card_that_was_refused_among_many_is_reported_at_the_end_and_by_the_status(desk: Desk) -> None:
    with desk.held(FelicaFace(IDM.hex())):
        answer = until(lambda: one_refused(desk.card("--many", "--wait", "1")))
    assert (
        answer.status == 1 and "0 cards issued, 1 not; see the messages above." in answer.err.splitlines()[-1]
    )


def one_refused(answer: Answer) -> Answer | None:
    """None where the card was late on a busy machine."""
    return answer if "not a FeliCa Lite-S" in answer.err else None


@pytest.mark.parametrize("name", ["door.txt", "passphrase", "keys.jsonl"])
def test_file_that_is_far_too_large_is_not_read_whole(desk: Desk, name: str) -> None:
    with (desk.folder / name).open("wb") as opened:
        opened.truncate(LARGEST + 1)
    word = desk.genkan("check", "--out", desk.out) if name == "keys.jsonl" else desk.card("--wait", "0")
    assert word.status == 1 and f"{name} cannot be read (File too large)" in sentence(word.err)


def test_output_file_that_cannot_be_written_is_noticed_before_a_card_is_changed(desk: Desk) -> None:
    desk.out.mkdir()
    with desk.held(FelicaFace(IDM.hex())):  # the next refusal would be: not a Lite-S
        answer = desk.card("--wait", "60")
    assert answer.status != 0 and "not a FeliCa Lite-S" not in answer.err
    desk.out.rmdir()
    desk.out = desk.folder / "nowhere" / "keys.jsonl"
    assert "cannot be written" in refused(desk.card("--wait", "0"))


def test_no_card_no_reader_wrong_passphrase_and_a_wrong_file_are_one_sentence_each(desk: Desk) -> None:
    assert "No card came within 0 seconds" in refused_after_output(desk.card("--wait", "0"))
    for seconds in ("nan", "inf", "-1", "86401"):
        assert "--wait" in (answer := desk.card("--wait", seconds)).err and answer.status == 2
    nowhere = desk.genkan("check", "--reader", "tty:none0:pn532", "--wait", "0")
    assert nowhere.status == 1 and "tty:none0:pn532" in nowhere.err
    (desk.folder / "door.txt").write_text("genkan")
    refused(desk.card("--wait", "0"))
    (desk.folder / "passphrase").write_text("another passphrase")
    refused(desk.genkan("rotate"))


def refused_after_output(answer) -> str:
    assert answer.status == 1
    return str(answer.err)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_passphrase_and_public_key_that_notepad_saved_are_the_same(desk: Desk, encoding: str) -> None:
    (desk.folder / "passphrase").write_bytes(f"{PASSPHRASE}\r\n".encode(encoding))
    (desk.folder / "door.txt").write_bytes(f"{DOOR.public.text}\r\n".encode(encoding))
    assert "No card came" in desk.card("--wait", "0").err


def test_station_that_is_not_a_demo_refuses_a_virtual_card_and_leaves_it_as_it_was(desk: Desk) -> None:
    desk.station, file = desk.folder / "real", desk.folder / "card.json"
    new_card(file, IDM.hex())
    before = file.read_bytes()
    quick_station(desk.station, PASSPHRASE)
    words = ("--reader", f"card:{file}", "--wait", "0")
    answer = desk.genkan("card", *words, "--for", desk.folder / "door.txt", "--out", desk.out)
    assert answer.status == 1 and "is not a demo station" in sentence(answer.err)
    assert "is not a demo station" in desk.genkan("check", *words).err
    assert file.read_bytes() == before and not desk.out.exists()


def test_output_file_of_somebody_else_is_left_alone(desk: Desk) -> None:
    desk.out.write_text("minutes of the meeting")
    assert "give another --out" in refused(desk.card("--wait", "0"))
    assert desk.out.read_text() == "minutes of the meeting"


def test_virtual_card_in_a_file_is_issued(desk: Desk) -> None:
    new_card(desk.folder / "card.json", IDM.hex())
    words = ("--reader", f"card:{desk.folder / 'card.json'}", "--for", desk.folder / "door.txt")
    output = until(lambda: desk.genkan("card", *words, "--out", desk.out).text.splitlines()[2:])
    assert "now locked with key version 1 and proved" in output[0]
    found = until(lambda: desk.genkan("check", *words[:2]).text.splitlines()[3:])
    assert "Card …FFEE: locked with key version 1." in found[0]


@pytest.mark.parametrize("path", ["card:none.json", "card:passphrase"])
def test_file_that_is_not_a_virtual_card_is_refused(desk: Desk, path: str) -> None:
    path = path.replace("card:", f"card:{desk.folder}/")
    answer = desk.genkan("check", "--reader", path, "--wait", "0")
    assert answer.status == 1 and "card" in sentence(answer.err)


@pytest.mark.parametrize("path", ["pcsc:RC-S300", "osdp:/dev/ttyUSB0:1", "nonsense", ""])
def test_reader_that_cannot_issue_is_distinguished_from_one_that_is_unplugged(desk: Desk, path: str) -> None:
    answer = desk.genkan("check", "--reader", path, "--wait", "0")
    assert answer.status == 2 and ("give usb" in answer.err or "use a reader at usb" in answer.err)


def test_check_warns_of_master_keys_open_to_others(desk: Desk) -> None:
    assert desk.genkan("check").err == ""
    (desk.station / FILE).chmod(0o644)
    assert "open to other users" in desk.genkan("check").err


def test_check_of_a_file_that_is_something_else_tells_at_most_a_hundred_lines(desk: Desk) -> None:
    desk.out.write_bytes(b"name,idm\n" * 150)
    answer = desk.genkan("check", "--out", desk.out)
    assert answer.status == 1 and len(answer.err.splitlines()) == 101
    assert "150 lines are not valid lines of an issuing station" in answer.err


def test_keys_of_cards_personalised_elsewhere_are_for_the_door_and_for_the_tool(desk: Desk) -> None:
    keys = desk.folder / "for-the-tool.csv"
    options = ("--for", desk.folder / "door.txt", "--out", desk.out, "--keys", keys)
    uids = ("--uid", "04DE5F1EACC040", "--uid", "04-1E-3C-8A-2D-6B-80", "--uid", "04de5f1eacc040")
    output = done(desk.genkan("sun", *uids, *options)).text
    assert output.startswith("2 keys of version 1") and "destroy it" in output
    header, *lines = keys.read_text().splitlines()
    assert header == "uid,key,key_version" and len(lines) == 2
    assert not any(line.split(",")[1] in output for line in lines)
    assert [parse(line).number.hex for line in desk.out.read_bytes().splitlines()] == [
        "04DE5F1EACC040",
        "041E3C8A2D6B80",
    ]
    assert "exists already" in refused(desk.genkan("sun", *uids, *options))
    output = done(desk.genkan("check", "--out", desk.out)).text
    assert "2 cards with key version 1" in output and "before 2018" not in output


def test_card_that_is_none_is_reported_before_anything_is_written(desk: Desk) -> None:
    keys = desk.folder / "for-the-tool.csv"
    options = ("--for", desk.folder / "door.txt", "--out", desk.out, "--keys", keys)
    output = refused(desk.genkan("sun", "--uid", "04DE5F1EACC040", "--uid", IDM.hex(), *options))
    assert "not a UID of an NTAG 424 DNA" in output
    assert not keys.exists() and not desk.out.exists()


def test_one_file_for_the_door_and_for_the_tool_is_refused_before_anything_is_written(desk: Desk) -> None:
    options = ("--for", desk.folder / "door.txt", "--out", desk.out, "--keys", desk.out)
    assert "the same file" in refused(desk.genkan("sun", "--uid", "04DE5F1EACC040", *options))
    assert not desk.out.exists()
