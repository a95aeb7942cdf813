import pytest

from controller.journal.proof.note import (
    VerifierKey,
    checkpoint_body,
    is_signed_by,
    parse_checkpoint,
    public_of,
    sign_note,
)

ORIGIN = "genkan/" + "0a" * 16
SEED = bytes(range(32))
KEY = VerifierKey(ORIGIN, public_of(SEED))
# RFC 8032 section 7.1, test 1.
RFC_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def note(size: int = 12, seed: bytes = SEED) -> str:
    return sign_note(checkpoint_body(ORIGIN, size, b"r" * 32, ["genkan-key 1"]), ORIGIN, seed)


def test_public_key_is_the_one_of_the_rfc() -> None:
    assert public_of(RFC_SEED) == RFC_PUBLIC


def test_checkpoint_says_what_was_signed() -> None:
    found = parse_checkpoint(note())
    assert (found.origin, found.size, found.root) == (ORIGIN, 12, b"r" * 32)
    assert found.extensions == ("genkan-key 1",)
    assert is_signed_by(found.note, KEY)


def test_any_changed_byte_is_no_longer_signed() -> None:
    text = note()
    for place in range(len(text)):
        changed = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        try:
            parse_checkpoint(changed)
            assert not is_signed_by(changed, KEY), place
        except ValueError:
            pass


def test_other_key_under_the_same_name_did_not_sign() -> None:
    assert not is_signed_by(note(seed=b"x" * 32), KEY)


def test_signature_of_a_witness_is_passed_over() -> None:
    text = note() + "— witness.example/w1 " + "AAAAAA==" + "\n"
    assert is_signed_by(text, KEY)
    assert parse_checkpoint(text).size == 12


def test_verifier_key_reads_back_from_paper() -> None:
    assert VerifierKey.parse(f" {KEY}\n") == KEY


@pytest.mark.parametrize(
    "text", ["", "a+b", f"{KEY}"[:-4], f"{KEY}".replace(KEY.id.hex(), "00000000"), "a+1+AA=="]
)
def test_what_is_not_a_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        VerifierKey.parse(text)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n-1\nAAAA\n\n— a AAAA\n", "a\n01\nAAAA\n\n— a AAAA\n"])
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_checkpoint(text)
