"""Cards that lie to the proof, in numbers: none is believed, none raises, none holds the loop up.

`Radio` is the field without the socket between.
"""

import os
import random

import pytest

from firmware_bridge.nfc import lite_s
from firmware_bridge.nfc.device import VirtualReader, open_device
from firmware_bridge.nfc.lite_s import CardTrouble, LiteSCard
from firmware_bridge.nfc.prove import ProofResult, prove, request_proof
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import Face, FelicaFace
from firmware_bridge.simulator.half_issued import HalfIssued, half_issued
from firmware_bridge.simulator.hostile_lite_s import Garbled, Pair, Replayed, Silent, Spliced, WrongMac
from firmware_bridge.simulator.lite_s import LiteSFace
from tests.firmware_bridge.nfc.field import Radio, heard_proof, held

BOSS, MINE = bytes.fromhex("012E4CD1A5C0FFEE"), bytes.fromhex("012E4CD1A5BADBAD")
KEY, OWN_KEY = (
    bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1"),
    bytes.fromhex("C4D1F0A2730B9E586112CF7A4E83D95B"),
)
MOST_COMMANDS = 20  # of one exchange with any card: at 0.05 s each that is a second


def proof_of(face: Face, idm: bytes = BOSS, key: bytes = KEY) -> ProofResult:
    radio = Radio(face)
    proof = request_proof(radio, "212F", idm, key, 1)
    assert len(radio.heard) <= MOST_COMMANDS
    return proof


def boss() -> LiteSFace:
    return LiteSFace.with_key(BOSS, KEY)


def test_genuine_card_is_proved() -> None:
    assert proof_of(boss()) is ProofResult.PROVED


def test_card_with_a_wrong_mac_is_wrong() -> None:
    assert proof_of(WrongMac(boss())) is ProofResult.WRONG


@pytest.mark.parametrize("steps", range(4))
def test_card_that_falls_silent_at_any_step_is_silent(steps: int) -> None:
    assert proof_of(Silent(boss(), steps)) is ProofResult.SILENT


def test_thousand_emulated_numbers_prove_nothing() -> None:
    """A copy of an IDm lacks the key; half of the copies have a chip of the same make with its own key."""
    for _ in range(500):
        assert proof_of(FelicaFace(BOSS.hex())) is ProofResult.SILENT
        assert proof_of(LiteSFace.with_key(BOSS, os.urandom(16))) is ProofResult.WRONG


@pytest.mark.parametrize("in_the_block", [False, True])
def test_thousand_spliced_sessions_prove_nothing(in_the_block: bool) -> None:
    """The boss's number around one's own card; at last even with the boss's own key, where the card that
    answers is another one all the same."""
    for _ in range(500):
        own = LiteSFace.with_key(MINE, os.urandom(16))
        assert proof_of(Spliced(BOSS, own, in_the_block)) is ProofResult.WRONG
    same_key = Spliced(BOSS, LiteSFace.with_key(MINE, KEY), in_the_block)
    assert proof_of(same_key) is ProofResult.WRONG


def test_ten_thousand_replayed_answers_prove_nothing() -> None:
    """A hundred exchanges listened to, each played a hundred times."""
    for _ in range(100):
        recorded: list[bytes] = []

        def listen(command: bytes, answer: bytes | None, tape: list[bytes] = recorded) -> bytes | None:
            if command[1] != 0 and answer is not None:
                tape.append(answer)
            return answer

        assert request_proof(Radio(boss(), listen), "212F", BOSS, KEY, 1) is ProofResult.PROVED
        assert len(recorded) == 4
        for _ in range(100):
            assert proof_of(Replayed(boss(), recorded)) is ProofResult.WRONG


def test_ten_thousand_hostile_cards_prove_nothing_and_raise_nothing() -> None:
    """In the exchange."""
    chance = random.Random(20261125)
    seen = set()
    for _ in range(10_000):
        seen.add(proof_of(Garbled(LiteSFace.with_key(BOSS, OWN_KEY), chance)))
    assert seen == {
        ProofResult.WRONG,
        ProofResult.GONE,
    }  # that by the status of a card that had no power for a moment


def test_hostile_cards_over_the_virtual_reader_leave_it_reading(reader_address: tuple[str, int]) -> None:
    reader: VirtualReader = open_device("udp:{}:{}".format(*reader_address))
    face = Garbled(LiteSFace.with_key(BOSS, OWN_KEY), random.Random(20261125))
    with held(VirtualCard(reader_address, face, away_seconds=0.0)):
        seen = {request_proof(reader, "212F", BOSS, KEY, 1) for _ in range(300)}
    assert ProofResult.PROVED not in seen and ProofResult.WRONG in seen
    with held(VirtualCard(reader_address, boss(), away_seconds=0.0)):
        assert heard_proof(reader, "212F", BOSS, KEY, 1) is ProofResult.PROVED
    reader.close()


def test_thousand_pairs_are_one_whole_card_or_nobody() -> None:
    """The proof is of the polled card, even with another card beside it."""
    chance = random.Random(20261125)
    proved = 0
    for number in range(1000):
        first, second = boss(), LiteSFace.with_key(MINE, OWN_KEY)
        pair = Pair(first, second, chance)
        wanted, key, other = (BOSS, KEY, second) if number % 2 else (MINE, OWN_KEY, first)
        proof = proof_of(pair, wanted, key)
        proved += proof is ProofResult.PROVED
        assert not other.memory.authenticated
        assert proof_of(pair, wanted, OWN_KEY if key is KEY else KEY) is not ProofResult.PROVED
    assert proved > 500


@pytest.mark.parametrize(
    ("step", "proof"),
    [
        (HalfIssued.BEGUN, ProofResult.WRONG),
        (HalfIssued.KEYED, ProofResult.HALF_ISSUED),
        (HalfIssued.LOCKED, ProofResult.HALF_ISSUED),
    ],
)
def test_half_issued_card_proves_nothing(step: HalfIssued, proof: ProofResult) -> None:
    assert proof_of(half_issued(BOSS, step, KEY)) is proof


@pytest.mark.parametrize("in_the_block", [False, True])
def test_splice_over_a_half_issued_card_of_its_own_is_wrong_and_not_half_issued(in_the_block: bool) -> None:
    own = half_issued(MINE, HalfIssued.LOCKED, OWN_KEY)
    assert proof_of(Spliced(BOSS, own, in_the_block)) is ProofResult.WRONG
    assert proof_of(Spliced(BOSS, half_issued(MINE, HalfIssued.LOCKED, KEY), False)) is ProofResult.WRONG


def _polled(face: Face) -> tuple[Radio, object]:
    import nfc.clf

    radio = Radio(face)
    return radio, radio.sense_ttf(nfc.clf.RemoteTarget("212F"))


@pytest.mark.parametrize(
    "count", [10_000, pytest.param(1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
def test_no_challenge_is_sent_twice(count: int) -> None:
    answers: set[bytes] = set()

    class Deaf(Radio):
        def send_cmd_recv_rsp(self, target: object, data: object, timeout: float) -> object:
            answers.add(bytes(data)[16:])  # type: ignore[call-overload]
            return bytearray(b"\x0c\x09" + BOSS + b"\0\0")

    card = lite_s.sense(Deaf(boss()))
    assert card is not None
    for _ in range(count):
        card.challenge(KEY)
    assert len(answers) == count


def test_trouble_of_a_card_holds_nothing_it_sent() -> None:
    card = LiteSCard(*_polled(WrongMac(boss())))
    with pytest.raises(CardTrouble) as trouble:
        prove(card, KEY, 1)
    assert KEY.hex() not in str(trouble.value) and BOSS.hex() not in str(trouble.value).lower()
