"""Opening what age refuses on a slow machine: the same bytes, and every damage is one error."""

from dataclasses import replace
from datetime import timedelta

import pyrage
import pytest

from controller.issuing.age_passphrase import CannotOpen, decrypt, needed_time
from controller.services.backup import ciphers
from tests.controller.issuing.quick_station import sealed

SECRET = "a sentence nobody will guess"


@pytest.mark.parametrize("content", [b"", b"keys", bytes(65_536)], ids=len)
def test_file_opens_by_its_passphrase_and_by_no_other(content: bytes) -> None:
    file = sealed(content, SECRET)
    assert decrypt(file, SECRET) == content == bytes(pyrage.passphrase.decrypt(file, SECRET))
    with pytest.raises(CannotOpen):
        decrypt(file, SECRET + "s")


def test_file_of_the_age_library_opens_regardless_of_what_it_cost() -> None:
    file = bytes(pyrage.passphrase.encrypt(b"content" * 20_000, SECRET))  # three chunks
    assert decrypt(file, SECRET) == b"content" * 20_000


def test_every_cut_and_every_flipped_bit_is_refused() -> None:
    file = sealed(b"keys", SECRET)
    for place in range(len(file)):
        for damaged in (file[:place], file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]):
            with pytest.raises(CannotOpen):
                decrypt(damaged, SECRET)


def test_file_that_asks_for_more_memory_than_any_machine_has_is_refused() -> None:
    file = sealed(b"keys", SECRET).replace(b" 2\n", b" 60\n", 1)
    with pytest.raises(CannotOpen, match="memory"):
        decrypt(file, SECRET)


def test_estimate_doubles_with_each_step_of_the_cost() -> None:
    assert needed_time(sealed(b"keys", SECRET)) < timedelta(seconds=1)


def test_backup_of_a_much_faster_machine_is_opened_and_says_how_long_it_may_take(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    """The age library refuses, as on a machine sixteen times slower."""

    def refuse(content: bytes, passphrase: str) -> bytes:
        raise pyrage.DecryptError("Excessive work parameter for passphrase.")

    monkeypatch.setattr(pyrage.passphrase, "decrypt", refuse)
    (tmp_path / "passphrase").write_text(SECRET)
    (tmp_path / "backup.keys").write_bytes(sealed(b"keys", SECRET))
    sentences: list[str] = []
    opener = replace(
        ciphers.decipher(None, tmp_path / "passphrase", sentences.append), report_from=timedelta(0)
    )
    assert opener.decrypt_small(tmp_path / "backup.keys") == b"keys"
    assert len(sentences) == 1 and "min here" in sentences[0]
