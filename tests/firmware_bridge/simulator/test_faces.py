import pytest

from firmware_bridge.simulator.air import from_datagram, to_datagram
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace

IDM = "0101031284C0FFEE"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("0600FFFF0100", "140101" + IDM[2:] + "00F0000000000000" + "88B4"),
        ("0600FFFF0000", "120101" + IDM[2:] + "00F0000000000000"),
        ("060088B40100", "140101" + IDM[2:] + "00F0000000000000" + "88B4"),
        ("060012FC0100", None),  # another system's cards are asked for
        ("0700FFFF0100", None),
        ("", None),
    ],
)
def test_felica_answers_polling_for_its_system(command: str, answer: str | None) -> None:
    face = FelicaFace(IDM)
    got = face.answer("212F", bytes.fromhex(command))
    assert (got[1].hex().upper() if got else None) == answer
    assert face.was_read is (answer is not None)


def test_felica_does_not_answer_a_type_a_poll() -> None:
    assert FelicaFace(IDM).answer("106A", b"\x26") is None


def test_type_a_is_read_only_after_its_last_cascade_level_is_selected() -> None:
    face = TypeAFace("04112233445566")
    assert face.answer("106A", b"\x26") == ("106A", b"\x44\x00")
    assert face.answer("106A", b"\x93\x20") == ("106A", bytes.fromhex("88041122BF"))
    assert face.answer("106A", bytes.fromhex("937088041122BF")) == ("106A", b"\x04")
    assert not face.was_read
    assert face.answer("106A", b"\x95\x20") == ("106A", bytes.fromhex("3344556644"))
    assert face.answer("106A", bytes.fromhex("95703344556644")) == ("106A", b"\x00")
    assert face.was_read


@pytest.mark.parametrize("command", ["", "93", "9320FF", "9520", "9720", "937000", "60"])
def test_type_a_is_silent_to_what_is_not_for_it(command: str) -> None:
    assert TypeAFace("04112233").answer("106A", bytes.fromhex(command)) is None


@pytest.mark.parametrize("number", ["", "0", "0101", "0101031284C0FFEE00", "zz"])
def test_number_of_no_card_is_refused_with_a_sentence(number: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal digits"):
        FelicaFace(number)
    with pytest.raises(ValueError, match="hexadecimal digits"):
        TypeAFace(number)


def test_frame_is_read_as_it_was_written() -> None:
    assert from_datagram(to_datagram("212F", b"\x06\x00")) == ("212F", b"\x06\x00")


@pytest.mark.parametrize(
    "datagram", [b"", b"RFOFF", b"212F", b"212F zz", b"212F 1", b"\xff 00", b"a b c", b"212F \xff"]
)
def test_datagram_that_is_not_a_frame_is_none(datagram: bytes) -> None:
    assert from_datagram(datagram) is None
