"""The virtual badge that a tap holds to a reader."""

from pathlib import Path

import click
import pytest

from controller.commands.badge_face import badge_face
from firmware_bridge.nfc.issuing_state import IssuingState, read_issuing_state
from firmware_bridge.nfc.prove import ProofResult, request_proof
from firmware_bridge.simulator.faces import Face, FelicaFace
from firmware_bridge.simulator.half_issued import HalfIssued
from tests.firmware_bridge.nfc.field import Radio

IDM = "012E4CD1A5C0FFEE"
KEY = "3A9F41C7E2086BD5914C7EF23D60A8B1"


def inside(face: Face) -> IssuingState:
    return read_issuing_state(Radio(face), "212F", bytes.fromhex(IDM))


def test_number_alone_is_a_card_that_answers_polling_and_nothing_else() -> None:
    face = badge_face(IDM, None, None, None, None)
    assert isinstance(face, FelicaFace) and inside(face) is IssuingState.UNREAD


def test_key_and_version_are_those_of_a_card_that_proves_them() -> None:
    radio = Radio(badge_face(IDM, KEY, 7, None, None))
    assert request_proof(radio, "212F", bytes.fromhex(IDM), bytes.fromhex(KEY), 7) is ProofResult.PROVED


def test_card_in_a_file_is_new_where_there_is_none_and_the_same_afterwards(tmp_path: Path) -> None:
    assert inside(badge_face(IDM, None, None, tmp_path / "card", None)) is IssuingState.NOTHING_BEGUN
    assert inside(badge_face(None, None, None, tmp_path / "card", None)) is IssuingState.NOTHING_BEGUN


@pytest.mark.parametrize("step", list(HalfIssued))
def test_half_issued_badge_is_one_after_each_step(step: HalfIssued) -> None:
    assert inside(badge_face(IDM, None, None, None, step.value)) is IssuingState.HALF_ISSUED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, None, None, None, None), "--idm"),
        ((None, None, None, None, "begun"), "--idm"),
        (("01", None, None, None, None), "16 hexadecimal digits"),
        ((IDM, "00", None, None, None), "32 hexadecimal digits"),
        ((IDM, None, 1, None, None), "--key-version goes with --key"),
        ((IDM, KEY, 0xFFFF, None, None), "1 to 65534"),
        ((IDM, KEY, None, Path("card"), None), "give either --key or --card"),
        ((IDM, KEY, 1, None, "keyed"), "--half-issued goes only with --idm"),
        ((IDM, None, None, Path("card"), "keyed"), "--half-issued goes only with --idm"),
    ],
)
def test_what_is_not_a_badge_is_reported_in_a_sentence(arguments: tuple, message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        badge_face(*arguments)
