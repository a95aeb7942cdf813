import hmac
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.model.credentials import CardNumber, CredentialKind
from controller.registry.card_hash import card_hash, key_file, load_key, make_key
from tests.sample_site import idm


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path


def test_key_is_created_once_whole_and_for_the_group(keys: Path):
    make_key(keys)
    key = load_key(keys)
    make_key(keys)
    assert load_key(keys) == key and len(key) == 32
    assert key_file(keys).stat().st_mode & 0o777 == 0o640
    assert [file.name for file in (keys / "shared").iterdir()] == [key_file(keys).name]


def test_absent_or_cut_key_names_its_file(keys: Path):
    with pytest.raises(InstallerError, match=r"card_number\.key"):
        load_key(keys)
    key_file(keys).write_bytes(b"x" * 31)
    with pytest.raises(InstallerError, match="31 bytes"):
        load_key(keys)


def test_hash_depends_on_key_kind_and_every_byte():
    number = CardNumber.parse(idm(1))
    hashed = card_hash(b"k" * 32, number)
    assert hashed == hmac.digest(b"k" * 32, b"felica\x00" + bytes.fromhex(idm(1)), "sha256")
    assert hashed != card_hash(b"l" * 32, number)
    assert hashed != card_hash(b"k" * 32, CardNumber.parse(idm(2)))
    assert hashed != card_hash(b"k" * 32, CardNumber(CredentialKind.TYPE_A, idm(1)))
