import os
from pathlib import Path

import pytest

from firmware_bridge.osdp import keys
from firmware_bridge.osdp.keys import BadKey, weakness
from firmware_bridge.problems import Problem, ProblemCode

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


def test_every_weak_key_in_its_file_is_refused_with_one_line(tmp_path: Path) -> None:
    for key in weak_keys():
        keys.key_file(tmp_path, "a").write_bytes(key)
        with pytest.raises(BadKey) as refused:
            keys.load(tmp_path, "a")
        assert refused.value.problem == weakness(key)
        assert "\n" not in str(refused.value) and key.hex() not in str(refused.value)


@pytest.mark.parametrize("size", [0, 1, 15, 17, 32])
def test_key_of_another_length_is_refused(size: int) -> None:
    assert weakness(os.urandom(size)) == Problem(ProblemCode.KEY_WRONG_SIZE, {"size": size, "right_size": 16})


def test_key_of_another_reader_is_refused_for_both(tmp_path: Path) -> None:
    for reader in ("a", "b"):
        keys.store(keys.key_file(tmp_path, reader), GOOD)
    with pytest.raises(BadKey, match="key_shared other_reader='b'"):
        keys.load(tmp_path, "a")
    with pytest.raises(BadKey, match="key_shared other_reader='a'"):
        keys.load(tmp_path, "b")


def test_new_key_is_random_private_and_what_is_loaded(tmp_path: Path) -> None:
    first = keys.make(tmp_path, "a")
    assert keys.load(tmp_path, "a") == first
    assert keys.key_file(tmp_path, "a").stat().st_mode & 0o777 == 0o600
    assert keys.make(tmp_path, "a") != first
    assert [file.name for file in tmp_path.iterdir()] == ["a.key"]


def test_reader_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="key_missing"):
        keys.load(tmp_path, "a")
