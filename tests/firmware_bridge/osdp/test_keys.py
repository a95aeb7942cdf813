import os
from pathlib import Path

import pytest

from firmware_bridge.osdp import keys
from firmware_bridge.osdp.keys import BadKey, weakness

GOOD = bytes.fromhex("8f3a1c77e2904bd65a01fecc3d9128b4")


def weak_keys() -> list[bytes]:
    """Default, one byte repeated, counting up and down by any step, short patterns."""
    found = [keys.DEFAULT_KEY]
    found += [bytes([byte]) * 16 for byte in range(256)]
    found += [bytes((start + i) % 256 for i in range(16)) for start in range(256)]
    found += [bytes((start - i) % 256 for i in range(16)) for start in range(256)]
    found += [bytes([start, 0xA5]) * 8 for start in range(256)]
    found += [GOOD[:4] * 4, GOOD[:8] * 2, bytes(range(0, 48, 3))]
    return found


def test_every_weak_key_is_refused() -> None:
    refused = weak_keys()
    assert len(refused) >= 768
    assert all(weakness(key) for key in refused)
    assert weakness(GOOD) is None


def test_every_weak_key_in_its_file_is_refused_with_one_sentence(tmp_path: Path) -> None:
    """D9."""
    for key in weak_keys():
        keys.key_file(tmp_path, "a").write_bytes(key)
        with pytest.raises(BadKey, match="genkan osdp install --reader a") as problem:
            keys.load(tmp_path, "a")
        assert "\n" not in str(problem.value) and key.hex() not in str(problem.value)


@pytest.mark.parametrize("size", [0, 1, 15, 17, 32])
def test_key_of_another_length_is_refused(size: int) -> None:
    assert "bytes long" in (weakness(os.urandom(size)) or "")


def test_key_of_another_reader_is_refused_for_both(tmp_path: Path) -> None:
    for reader in ("a", "b"):
        keys.store(keys.key_file(tmp_path, reader), GOOD)
    with pytest.raises(BadKey, match="the same key as b"):
        keys.load(tmp_path, "a")
    with pytest.raises(BadKey, match="the same key as a"):
        keys.load(tmp_path, "b")


def test_new_key_is_random_private_and_what_is_loaded(tmp_path: Path) -> None:
    first = keys.make(tmp_path, "a")
    assert keys.load(tmp_path, "a") == first
    assert keys.key_file(tmp_path, "a").stat().st_mode & 0o777 == 0o600
    assert keys.make(tmp_path, "a") != first
    assert [file.name for file in tmp_path.iterdir()] == ["a.key"]


def test_reader_without_a_key_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(
        BadKey, match=r"has no key yet; set it to install mode and give it .* `genkan osdp install"
    ):
        keys.load(tmp_path, "a")
